using System;
using System.Collections.Generic;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Risk;
using LowLatency.Core.Values;
using LowLatency.Gateways.Alpaca;
using LowLatency.Gateways.Bybit;

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
            .. Place(symbol, "bybit"),
            new ChoiceOption("onStop", ["cancel", "leave"], "cancel",
                "What becomes of working orders at a stop: cancelled and read back until there are none, or left to work."),
            new ListOption(
                "also",
                new GroupOption("place", [.. Place(symbol, null), Access(file, [])], "A venue.") { NotDeciding = "access" },
                0,
                ReconcileSettings.VenuesMax - 1,
                "venue",
                "Further venues that the same run trades at; each venue once.")
            {
                Optional = true,
            },
            Access(
                file,
                [
                    file("alertCommand", "Program that gets each alert as a line of JSON on its standard input; code 0 acknowledges it."),
                    Url("alertWebhook", "Address to which each alert is posted as JSON; status 2xx acknowledges it."),
                ]),
        ],
        "Trading at a venue, by run --live.")
    {
        Optional = true,
        NotDeciding = "access",
    };

    private static Option[] Place(TextOption symbol, string? usual) =>
    [
        new ChoiceOption("venue", ["bybit", "alpaca"], usual, "Where it trades."),
        new ChoiceOption("environment", ["mainnet", "testnet", "demo", "live", "paper", "custom"], null,
            "Where at the venue orders go: at Bybit mainnet, testnet or demo, at Alpaca live or paper, at both custom addresses; mainnet "
            + "and live are real money, and so is custom unless the sandbox answers on this machine."),
        new ListOption("accounts",
            new TextOption("account", "0123456789abcdef-", "[0-9a-f-]", 36, null,
                "Number of an account, as the venue tells it of the key."),
            1, 8, string.Empty, "The only accounts that may be traded."),
        new ListOption(
            "instruments",
            new GroupOption(
                "instrument",
                [
                    symbol,
                    new ChoiceOption("kind", ["linear", "spot", "equity"], "linear",
                        "Which of the venue's markets: linear or spot at Bybit, equity or spot at Alpaca."),
                ],
                "An instrument."),
            1,
            Limits.Instruments,
            "symbol",
            "The instruments; the strategies may name no others."),
        new ChoiceOption("bookDepth", ["1", "50", "200", "1000"], "50", "Levels of Bybit's books."),
        new ChoiceOption("feed", ["iex", "sip"], "iex", "Alpaca's data of shares: sip needs a subscription."),
        new IntegerOption("receiveWindowMs", 500, 5_000, 2_000, "ms",
            "Time for which a new or changed order is good, from the event that caused it: it does not leave afterwards, and Bybit "
            + "refuses it."),
        new IntegerOption("readBackMs", 1_000, 3_600_000, 30_000, "ms", "Time between two readings of the account by the gateway."),
        new IntegerOption("absenceHoldMs", 1_000, 600_000, 60_000, "ms",
            "Time for which an order that Alpaca shows nowhere stays in doubt: it takes a request however old it is."),
    ];

    private static GroupOption Access(Func<string, string, TextOption> file, Option[] more) => new(
        "access",
        [
            Url("rest", "Address of requests, with environment custom."),
            Url("public", "Address of the market's streams without the market (Alpaca: host and port alone), with environment custom."),
            Url("private", "Address of the account's stream, with environment custom."),
            Url("trade", "Address of Bybit's order-entry stream, with environment custom; none: orders go by request."),
            file("keyFile", "File with the key on its first line and the secret on its second, mode 0400; none: from variables."),
            new TextOption("keyVariables", Upper + "none", "[A-Z0-9_]; a name, or none", 64, EngineSchema.NoFile,
                "What the names of the two variables of the environment begin with; KEY and SECRET follow; none: LOWLATENCY_BYBIT_ or "
                + "LOWLATENCY_ALPACA_, after the venue."),
            .. more,
        ],
        "How the venue is reached, and who is told: cannot change a decision.");

    /// <summary>Rules between its options and with the strategies.</summary>
    /// <param name="reader">Where problems are reported.</param>
    /// <param name="root">The whole configuration.</param>
    internal static void Check(ConfigurationReader reader, GroupSetting root)
    {
        if (root.Find("live") is not GroupSetting live)
        {
            return;
        }

        HashSet<string> known = new(StringComparer.Ordinal);
        HashSet<string> venues = new(StringComparer.Ordinal);
        foreach (GroupSetting place in PlacesOf(live))
        {
            CheckPlace(reader, root, place, known, venues);
        }

        CheckAlerts(reader, live);
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

        List<LivePlace> places = [];
        List<LiveInstrument> instruments = [];
        foreach (GroupSetting place in PlacesOf(live))
        {
            places.Add(BuildPlace(place, instruments.Count + 1));
            instruments.AddRange(places[^1].Instruments);
        }

        GroupSetting access = live.Group("access");
        return new LiveConfiguration
        {
            Places = [.. places],
            Instruments = [.. instruments],
            OnStop = live.Text("onStop") == "cancel" ? StopPolicy.Cancel : StopPolicy.Leave,
            Access = new LiveAccess { AlertCommand = Given(access, "alertCommand"), AlertWebhook = Given(access, "alertWebhook") },
        };
    }

    /// <summary>The section itself is the first place; what else is traded at follows.</summary>
    private static List<GroupSetting> PlacesOf(GroupSetting live)
    {
        List<GroupSetting> places = [live];
        foreach (Setting more in (live.Find("also") as ListSetting)?.Elements ?? [])
        {
            if (more is GroupSetting place)
            {
                places.Add(place);
            }
        }

        return places;
    }

    private static LivePlace BuildPlace(GroupSetting place, int first)
    {
        EventSource venue = place.Text("venue") switch
        {
            "bybit" => EventSource.Bybit,
            "alpaca" => EventSource.Alpaca,
            string other => throw Undeclared(other),
        };
        List<string> accounts = [];
        foreach (Setting account in place.List("accounts"))
        {
            accounts.Add(((TextSetting)account).Value);
        }

        List<LiveInstrument> instruments = [];
        foreach (Setting element in place.List("instruments"))
        {
            GroupSetting instrument = (GroupSetting)element;
            instruments.Add(new LiveInstrument(
                instrument.Text("symbol"),
                instrument.Text("kind") switch
                {
                    "linear" => InstrumentKind.Linear,
                    "spot" => InstrumentKind.Spot,
                    "equity" => InstrumentKind.Equity,
                    string other => throw Undeclared(other),
                },
                venue));
        }

        GroupSetting access = place.Group("access");
        return new LivePlace
        {
            Venue = venue,
            Environment = place.Text("environment") switch
            {
                "mainnet" => LiveEnvironment.Mainnet,
                "testnet" => LiveEnvironment.Testnet,
                "demo" => LiveEnvironment.Demo,
                "live" => LiveEnvironment.Live,
                "paper" => LiveEnvironment.Paper,
                "custom" => LiveEnvironment.Custom,
                string other => throw Undeclared(other),
            },
            Accounts = [.. accounts],
            FirstInstrument = first,
            Instruments = [.. instruments],
            BookDepth = int.Parse(place.Text("bookDepth"), System.Globalization.CultureInfo.InvariantCulture),
            Feed = place.Text("feed"),
            ReceiveWindow = (int)place.Number("receiveWindowMs"),
            ReadBackInterval = place.Number("readBackMs") * ConfigurationBuilder.Millisecond,
            AbsenceHold = place.Number("absenceHoldMs") * ConfigurationBuilder.Millisecond,
            Access = new LivePlaceAccess
            {
                Rest = Given(access, "rest"),
                Public = Given(access, "public"),
                Private = Given(access, "private"),
                Trade = Given(access, "trade"),
                KeyFile = Given(access, "keyFile"),
                KeyVariables = Given(access, "keyVariables")
                    ?? (venue == EventSource.Bybit ? "LOWLATENCY_BYBIT_" : "LOWLATENCY_ALPACA_"),
            },
        };
    }

    private static void CheckPlace(
        ConfigurationReader reader, GroupSetting root, GroupSetting place, HashSet<string> known, HashSet<string> venues)
    {
        if (place.Find("venue") is not TextSetting { Valid: true } venue)
        {
            return;
        }

        bool isBybit = venue.Value == "bybit";
        if (!venues.Add(venue.Value))
        {
            reader.Report(venue.Path, "\"" + venue.Value + "\"", "must be a venue that live does not name already");
        }

        if (place.Find("environment") is TextSetting { Valid: true } environment)
        {
            string[] allowed = isBybit ? ["mainnet", "testnet", "demo", "custom"] : ["live", "paper", "custom"];
            if (Array.IndexOf(allowed, environment.Value) < 0)
            {
                reader.Report(
                    environment.Path, "\"" + environment.Value + "\"", $"must be one of {string.Join(", ", allowed)} at {venue.Value}");
            }
            else if (place.Find("access") is GroupSetting access)
            {
                CheckAccess(reader, access, environment.Value == "custom", isBybit);
            }
        }

        foreach (Setting element in (place.Find("instruments") as ListSetting)?.Elements ?? [])
        {
            GroupSetting? instrument = element as GroupSetting;
            if (instrument?.Find("symbol") is TextSetting { Valid: true } symbol && !known.Add(symbol.Value))
            {
                reader.Report(symbol.Path, "\"" + symbol.Value + "\"", "must be of one venue only: strategies name instruments by it");
            }

            if (instrument?.Find("kind") is TextSetting { Valid: true } kind && kind.Value == (isBybit ? "equity" : "linear"))
            {
                reader.Report(
                    kind.Path, "\"" + kind.Value + "\"", $"must be {(isBybit ? "linear" : "equity")} or spot at {venue.Value}");
            }
        }

        CheckRequestLife(reader, root, place, isBybit);
    }

    /// <summary>
    /// A request is under way for as long as its receive window and what its gateway allows on top: a reading before that proves
    /// nothing about it.
    /// </summary>
    private static void CheckRequestLife(ConfigurationReader reader, GroupSetting root, GroupSetting place, bool isBybit)
    {
        if ((root.Find("risk") as GroupSetting)?.Find("reconcile") is not GroupSetting reconcile
            || reconcile.Find("requestLifeMs") is not IntegerSetting { Valid: true } life
            || place.Find("receiveWindowMs") is not IntegerSetting { Valid: true } window)
        {
            return;
        }

        long needed = (long)window.Value + ((isBybit ? BybitVenue.StampAhead : AlpacaVenue.GivesUpAfter) / ConfigurationBuilder.Millisecond);
        if (life.Value < needed)
        {
            reader.Report(
                life.Path,
                life.Value.ToString(null, null),
                $"must be at least {needed}: an order may be under way for so long after {window.Path} ({window.Value})");
        }
    }

    private static void CheckAlerts(ConfigurationReader reader, GroupSetting live)
    {
        if (live.Find("access") is not GroupSetting access)
        {
            return;
        }

        if (access.Find("alertWebhook") is TextSetting { Valid: true, Value: not EngineSchema.NoFile } hook && !IsAddress(hook.Value, "http"))
        {
            reader.Report(hook.Path, "\"" + hook.Value + "\"", "must be none, https://HOST..., or http://127.0.0.1:PORT... on this machine");
        }

        CheckPath(reader, access, "alertCommand");
    }

    private static void CheckPath(ConfigurationReader reader, GroupSetting access, string name)
    {
        if (access.Find(name) is TextSetting { Valid: true, Value: not EngineSchema.NoFile } path && !path.Value.StartsWith('/'))
        {
            reader.Report(path.Path, "\"" + path.Value + "\"", "must be none or an absolute path");
        }
    }

    private static void CheckAccess(ConfigurationReader reader, GroupSetting access, bool isCustom, bool isBybit)
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
            else if (isGiven && !isBybit && name == "trade")
            {
                reader.Report(url.Path, "\"" + url.Value + "\"", "must be none: Alpaca takes orders by request");
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

        if (access.Find("keyVariables") is TextSetting { Valid: true, Value: not EngineSchema.NoFile } variables
            && variables.Value.AsSpan().IndexOfAnyInRange('a', 'z') >= 0)
        {
            reader.Report(variables.Path, "\"" + variables.Value + "\"", "must be none, or of [A-Z0-9_]");
        }

        CheckPath(reader, access, "keyFile");
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
