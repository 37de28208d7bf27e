using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Values;

namespace LowLatency.Engine.Configuration;

/// <summary>The section that a live run needs: its declaration, its rules, its settings. Keys and secrets have no place in it.</summary>
internal static class LiveSection
{
    private const string UrlCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:/_-?=&%";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

    /// <summary>Its declaration.</summary>
    /// <param name="symbol">A symbol.</param>
    /// <param name="file">A path, or none.</param>
    internal static GroupOption Declare(TextOption symbol, Func<string, string, TextOption> file) => new(
        "live",
        [
            new ChoiceOption("environment", ["mainnet", "testnet", "demo", "custom"], null,
                "Where at Bybit orders go: mainnet is real money, and so is custom unless all its addresses are on this machine."),
            new ListOption("accounts",
                new TextOption("account", "0123456789", "[0-9]", 20, null, "Number of an account, as the venue tells it of the key."),
                1, 8, string.Empty, "The only accounts that may be traded."),
            new ListOption(
                "instruments",
                new GroupOption(
                    "instrument",
                    [
                        symbol,
                        new ChoiceOption("kind", ["linear", "spot"], "linear", "Which of the venue's markets."),
                    ],
                    "An instrument."),
                1,
                Limits.Instruments,
                "symbol",
                "The instruments; the strategies may name no others."),
            new ChoiceOption("bookDepth", ["1", "50", "200", "1000"], "50", "Levels of the books."),
            new IntegerOption("receiveWindowMs", 500, 5_000, 2_000, "ms",
                "Time for which a new or changed order is good, from the event that caused it: the venue refuses it afterwards."),
            new IntegerOption("readBackMs", 1_000, 3_600_000, 30_000, "ms", "Time between two readings of the account by the gateway."),
            new ChoiceOption("onStop", ["cancel", "leave"], "cancel",
                "What becomes of working orders at a stop: cancelled and read back until there are none, or left to work."),
            new GroupOption(
                "access",
                [
                    Url("rest", "Address of requests, with environment custom."),
                    Url("public", "Address of the market's streams without the category, with environment custom."),
                    Url("private", "Address of the account's stream, with environment custom."),
                    Url("trade", "Address of the order-entry stream, with environment custom; none: orders go by request."),
                    file("keyFile", "File with the key on its first line and the secret on its second, mode 0400; none: from variables."),
                    new TextOption("keyVariables", Upper, "[A-Z0-9_]", 64, "LOWLATENCY_BYBIT_",
                        "What the names of the two variables of the environment begin with; KEY and SECRET follow."),
                    file("alertCommand", "Program that gets each alert as a line of JSON on its standard input; code 0 acknowledges it."),
                    Url("alertWebhook", "Address to which each alert is posted as JSON; status 2xx acknowledges it."),
                ],
                "How the venue is reached, and who is told: cannot change a decision."),
        ],
        "Trading at Bybit, by run --live.")
    {
        Optional = true,
        NotDeciding = "access",
    };

    /// <summary>Rules between its options and with the strategies.</summary>
    /// <param name="reader">Where problems are reported.</param>
    /// <param name="root">The whole configuration.</param>
    internal static void Check(ConfigurationReader reader, GroupSetting root)
    {
        if (root.Find("live") is not GroupSetting live)
        {
            return;
        }

        if (live.Find("access") is GroupSetting access && live.Find("environment") is TextSetting { Valid: true } environment)
        {
            CheckAccess(reader, access, environment.Value == "custom");
        }

        HashSet<string> known = new(StringComparer.Ordinal);
        foreach (Setting element in (live.Find("instruments") as ListSetting)?.Elements ?? [])
        {
            if ((element as GroupSetting)?.Find("symbol") is TextSetting { Valid: true } symbol)
            {
                known.Add(symbol.Value);
            }
        }

        foreach (Setting strategy in (root.Find("strategies") as ListSetting)?.Elements ?? [])
        {
            foreach (Setting named in ((strategy as GroupSetting)?.Find("instruments") as ListSetting)?.Elements ?? [])
            {
                if (named is TextSetting { Valid: true } symbol && known.Count > 0 && !known.Contains(symbol.Value))
                {
                    reader.Report(symbol.Path, "\"" + symbol.Value + "\"", "must be one of live.instruments: " + string.Join(", ", known));
                }
            }
        }
    }

    /// <summary>The settings that it stands for; null when the section is absent.</summary>
    internal static LiveConfiguration? Build(GroupSetting root)
    {
        if (root.Find("live") is not GroupSetting live)
        {
            return null;
        }

        List<string> accounts = [];
        foreach (Setting account in live.List("accounts"))
        {
            accounts.Add(((TextSetting)account).Value);
        }

        List<LiveInstrument> instruments = [];
        foreach (Setting element in live.List("instruments"))
        {
            GroupSetting instrument = (GroupSetting)element;
            instruments.Add(new LiveInstrument(
                instrument.Text("symbol"),
                instrument.Text("kind") switch
                {
                    "linear" => InstrumentKind.Linear,
                    "spot" => InstrumentKind.Spot,
                    string other => throw Undeclared(other),
                }));
        }

        GroupSetting access = live.Group("access");
        return new LiveConfiguration
        {
            Environment = live.Text("environment") switch
            {
                "mainnet" => LiveEnvironment.Mainnet,
                "testnet" => LiveEnvironment.Testnet,
                "demo" => LiveEnvironment.Demo,
                "custom" => LiveEnvironment.Custom,
                string other => throw Undeclared(other),
            },
            Accounts = [.. accounts],
            Instruments = [.. instruments],
            BookDepth = int.Parse(live.Text("bookDepth"), System.Globalization.CultureInfo.InvariantCulture),
            ReceiveWindow = (int)live.Number("receiveWindowMs"),
            ReadBackInterval = live.Number("readBackMs") * ConfigurationBuilder.Millisecond,
            OnStop = live.Text("onStop") == "cancel" ? StopPolicy.Cancel : StopPolicy.Leave,
            Access = new LiveAccess
            {
                Rest = Given(access, "rest"),
                Public = Given(access, "public"),
                Private = Given(access, "private"),
                Trade = Given(access, "trade"),
                KeyFile = Given(access, "keyFile"),
                KeyVariables = access.Text("keyVariables"),
                AlertCommand = Given(access, "alertCommand"),
                AlertWebhook = Given(access, "alertWebhook"),
            },
        };
    }

    private static void CheckAccess(ConfigurationReader reader, GroupSetting access, bool isCustom)
    {
        foreach (string name in (ReadOnlySpan<string>)["rest", "public", "private", "trade"])
        {
            if (access.Find(name) is not TextSetting { Valid: true } url)
            {
                continue;
            }

            bool isGiven = url.Value != EngineSchema.NoFile;
            if (isGiven && !isCustom)
            {
                reader.Report(url.Path, "\"" + url.Value + "\"", "must be none unless live.environment is custom");
            }
            else if (!isGiven && isCustom && name != "trade")
            {
                reader.Report(url.Path, "\"none\"", "must be an address, because live.environment is custom");
            }
            else if (isGiven && !IsAddress(url.Value, name == "rest" ? "http" : "ws"))
            {
                string scheme = name == "rest" ? "http" : "ws";
                reader.Report(
                    url.Path, "\"" + url.Value + "\"", $"must be {scheme}s://HOST..., or {scheme}://127.0.0.1:PORT... on this machine");
            }
        }

        if (access.Find("alertWebhook") is TextSetting { Valid: true, Value: not EngineSchema.NoFile } hook && !IsAddress(hook.Value, "http"))
        {
            reader.Report(hook.Path, "\"" + hook.Value + "\"", "must be none, https://HOST..., or http://127.0.0.1:PORT... on this machine");
        }

        foreach (string name in (ReadOnlySpan<string>)["keyFile", "alertCommand"])
        {
            if (access.Find(name) is TextSetting { Valid: true, Value: not EngineSchema.NoFile } path && !path.Value.StartsWith('/'))
            {
                reader.Report(path.Path, "\"" + path.Value + "\"", "must be none or an absolute path");
            }
        }
    }

    /// <summary>Encrypted, or on this machine.</summary>
    private static bool IsAddress(string text, string plain) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
        && (uri.Scheme == plain + "s" || (uri.Scheme == plain && uri.IsLoopback))
        && uri.UserInfo.Length == 0;

    private static TextOption Url(string name, string help) =>
        new(name, UrlCharacters, "[A-Za-z0-9.:/_?=&%-]; an address, or none", 200, EngineSchema.NoFile, help);

    private static string? Given(GroupSetting group, string name) =>
        group.Text(name) is var text && text != EngineSchema.NoFile ? text : null;

    private static BrokenInvariantException Undeclared(string word) =>
        new("the configuration reads a word that is not declared: " + word);
}
