using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading.Tasks;
using LowLatency.Tests.Core.Formats;
using Xunit;

namespace LowLatency.Tests.Sandbox;

/// <summary>The venues' public clients of other people trade at the sandbox; skipped visibly where node or they cannot be had.</summary>
public sealed class PublicClientTests
{
    [Fact]
    public async Task The_public_client_of_bybit_places_amends_cancels_streams_and_sees_fills()
    {
        await using SandboxClient client = await SandboxClient.StartAsync(new LowLatency.Sandbox.SandboxOptions());
        JsonElement said = await SayAsync("bybit.js", client);

        JsonElement seen = said.GetProperty("seen");
        Assert.Equal("[]", seen.GetProperty("exceptions").GetRawText());
        string orders = seen.GetProperty("orders").GetRawText();
        Assert.Contains("""["rest-1","New","0.000"],["rest-1","New","0.000"],["rest-1","Cancelled","0.000"]""", orders);
        Assert.Contains("""["ws-1","Cancelled","0.000"]""", orders);
        Assert.Contains("""["ws-2","Filled","0.010"]""", orders);
        Assert.Equal(0.010m, seen.GetProperty("executions").EnumerateArray().Sum(row => SandboxClient.Number(row[1])));
        Assert.True(seen.GetProperty("positions").GetInt32() > 0 && seen.GetProperty("wallets").GetInt32() > 0);
        Assert.True(said.GetProperty("drift").GetBoolean());
        Assert.Equal("""["BTCUSDT","ETHUSDT"]""", said.GetProperty("symbols").GetRawText());
        Assert.Equal(0, said.GetProperty("placed").GetInt32());
        Assert.Equal(10, said.GetProperty("limits").GetProperty("maxRequests").GetInt32());
        Assert.Equal("""[["rest-1",true]]""", said.GetProperty("active").GetRawText());
        Assert.Equal(110001, said.GetProperty("again").GetInt32());
        Assert.Equal("[0,0,0,0]", said.GetProperty("ws").GetRawText());
        Assert.Equal("[0,110072]", said.GetProperty("batch").GetRawText());
        Assert.Equal(1, said.GetProperty("all").GetInt32());
        Assert.Equal("0.010", said.GetProperty("size").GetString());
        Assert.Equal(10004, said.GetProperty("wrong").GetInt32());
    }

    [Fact]
    public async Task The_public_client_of_alpaca_places_replaces_cancels_streams_and_sees_fills()
    {
        await using SandboxClient client = await SandboxClient.StartAsync(new LowLatency.Sandbox.SandboxOptions());
        JsonElement said = await SayAsync("alpaca.js", client);

        JsonElement seen = said.GetProperty("seen");
        Assert.Equal("[]", seen.GetProperty("errors").GetRawText());
        string updates = seen.GetProperty("updates").GetRawText();
        Assert.Contains("""["new","a-1",null,"new"]""", updates);
        Assert.Contains("""["replaced","a-1",null,"replaced"],["new","a-2",null,"new"]""", updates);
        Assert.Contains("""["canceled","a-2",null,"canceled"]""", updates);
        Assert.Contains("""["fill","a-3","5","filled"]""", updates);
        Assert.Contains("""["fill","a-4","0.01","filled"]""", updates);
        Assert.Equal("""["ACTIVE","USD"]""", said.GetProperty("account").GetRawText());
        Assert.True(said.GetProperty("found").GetBoolean() && said.GetProperty("replaces").GetBoolean());
        Assert.Equal("""[["a-2","12","201"]]""", said.GetProperty("open").GetRawText());

        // A pair pays its fee of a quarter of a per cent in what was bought.
        Assert.Equal("""[["AAPL","5"],["BTCUSD","0.009975"]]""", said.GetProperty("positions").GetRawText());
        Assert.Equal("[422,422,403]", said.GetProperty("refusals").GetRawText());
        Assert.Equal("[false,401]", said.GetProperty("stranger").GetRawText());
    }

    private static async Task<JsonElement> SayAsync(string script, SandboxClient client)
    {
        string address = client.Server.Http.ToString().TrimEnd('/');
        byte[] output = await Task.Run(() => NodeInterop.Run(script, address, []), TestContext.Current.CancellationToken);
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(output));
        return document.RootElement.Clone();
    }
}
