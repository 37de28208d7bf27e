using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Text.Json.Serialization;
using System.Threading;
using Xunit;

namespace LowLatency.Tests.Architecture;

/// <summary>
/// Two runs in one process share nothing that changes, and two threads share memory only in the places that are made for it;
/// both are read from the compiled assemblies.
/// </summary>
public sealed class SharedStateTests
{
    private const BindingFlags Statics = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private const BindingFlags Instances = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    // What one thread writes and another one reads: everything else belongs to one thread. Ring, pipes and published views
    // are free of locks; logs and alerts take turns.
    private static readonly string[] Sharing =
    [
        "LowLatency.Core.Ring.ConsumerThread", "LowLatency.Core.Ring.MultiProducerSequencer",
        "LowLatency.Core.Ring.ParkingWaitStrategy", "LowLatency.Core.Ring.Sequence", "LowLatency.Core.Ring.SequenceBarrier",
        "LowLatency.Core.Ring.Sequencer", "LowLatency.Core.Ring.SingleProducerSequencer",
        "LowLatency.Journal.Native.PosixMapping", "LowLatency.Journal.ReadProgress", "LowLatency.Journal.Recovery.ScanAhead",
        "LowLatency.Journal.SyncThread", "LowLatency.Journal.Writing.FlushedLog", "LowLatency.Journal.Writing.MappedLog",
        "LowLatency.Journal.Writing.NullLog", "LowLatency.Journal.Writing.RecordLog", "LowLatency.Journal.Writing.Retention",
        "LowLatency.Journal.Writing.SyncSignal",
        "LowLatency.Gateways.Live.KillLatch",
    ];

    /// <summary>The engine is where threads are: there they share in these folders.</summary>
    private static readonly string[] SharingFolders =
    [
        "LowLatency.Engine.Commands", "LowLatency.Engine.Latency", "LowLatency.Engine.Live", "LowLatency.Engine.Network",
        "LowLatency.Engine.Running", "LowLatency.Engine.Sweeps", "LowLatency.Sandbox.Trading", "LowLatency.Sandbox.Web",
    ];

    private static readonly string[] MakesThreads =
    [
        "LowLatency.Core.Ring.ConsumerThread", "LowLatency.Engine.Commands.ProgressLine", "LowLatency.Engine.Latency.LatencyLog",
        "LowLatency.Engine.Live.AlertSender", "LowLatency.Engine.Live.LeaseKeeper", "LowLatency.Engine.Live.LiveControl",
        "LowLatency.Engine.Running.EarlierCheck",
        "LowLatency.Engine.Running.Follower", "LowLatency.Engine.Running.MarketThread", "LowLatency.Engine.Running.SpaceWatch",
        "LowLatency.Engine.Sweeps.SweepRun", "LowLatency.Journal.Recovery.ScanAhead", "LowLatency.Journal.SyncThread",
        "LowLatency.Sandbox.Trading.ExchangeThread",
    ];

    private static readonly string[] Means =
    [
        "System.Threading.Interlocked", "System.Threading.Volatile", "System.Threading.Monitor", "System.Threading.Lock",
        "System.Threading.SemaphoreSlim", "System.Threading.ReaderWriterLockSlim", "System.Threading.SpinLock",
        "System.Threading.ThreadLocal", "System.Threading.Mutex", "System.Collections.Concurrent.",
        "System.Runtime.CompilerServices.IsVolatile",
    ];

    [Fact]
    public void Nothing_static_changes()
    {
        FieldInfo[] fields = [.. Assemblies.Shipped.SelectMany(project => FieldsOf(Assembly.Load("LowLatency." + project)))];
        Assert.True(fields.Length > 100, "the scan saw nothing");
        Assert.Empty(fields.Where(field => !field.IsInitOnly).Select(Name));
        Assert.Empty(fields.Where(field => !IsFixed(field.FieldType)).Select(Name));
    }

    [Theory]
    [InlineData(nameof(Changing.Counter), false)]
    [InlineData(nameof(Changing.Cache), true)]
    [InlineData(nameof(Changing.Holder), true)]
    [InlineData(nameof(Changing.PerThread), false)]
    public void A_static_that_changes_is_found(string name, bool isReadOnly)
    {
        FieldInfo field = Assert.Single(FieldsOf(typeof(Changing).Assembly), field => field.DeclaringType == typeof(Changing) && field.Name == name);
        Assert.Equal(isReadOnly, field.IsInitOnly);
        Assert.False(field.IsInitOnly && IsFixed(field.FieldType));
    }

    [Fact]
    public void Threads_share_memory_in_the_listed_places_only()
    {
        string[] found = [.. Assemblies.Shipped.SelectMany(project => SharersOf(MetadataScan.Of(Assemblies.Path(project)))).Distinct()];
        Assert.DoesNotContain(found.Except(Sharing), type => !SharingFolders.Any(folder => type.StartsWith(folder + ".", StringComparison.Ordinal)));
        Assert.Empty(Sharing.Except(found));
    }

    /// <summary>Threads are few and none is made for an order: each of these is made once for a run, a command or a worker.</summary>
    [Fact]
    public void Threads_are_made_by_the_listed_alone()
    {
        string[] found = [.. Assemblies.Shipped.SelectMany(project => MakersOf(MetadataScan.Of(Assemblies.Path(project)))).Order(StringComparer.Ordinal)];
        Assert.Equal(MakesThreads, found);
        Assert.Contains("LowLatency.Tests.Engine.Live.LiveViewTests", MakersOf(Assemblies.TestsMentions));
    }

    /// <summary>Decoders, readings and books are of the thread that decides: what reads sockets hands over bytes.</summary>
    [Fact]
    public void Network_threads_decode_nothing()
    {
        Mention[] network = [.. MetadataScan.Of(Assemblies.Path("Engine")).Where(mention => mention.Namespace == "LowLatency.Engine.Network")];
        Assert.Contains(network, mention => mention.Used.StartsWith("LowLatency.Gateways.Live.", StringComparison.Ordinal));
        Assert.DoesNotContain(network, Decodes);
        Assert.Contains(MetadataScan.Of(Assemblies.Path("Engine")), Decodes);
    }

    [Fact]
    public void A_place_that_shares_memory_is_found() =>
        Assert.Contains("LowLatency.Tests.Architecture." + nameof(SharedStateTests), SharersOf(Assemblies.TestsMentions));

    private static IEnumerable<string> SharersOf(IEnumerable<Mention> mentions) => mentions
        .Where(mention => Means.Any(means => mention.Used.StartsWith(means, StringComparison.Ordinal)
            && (means.EndsWith('.') || mention.Used.Length == means.Length || mention.Used[means.Length] is ':' or '`' or '+')))
        .Select(mention => mention.FullType).Distinct();

    private static IEnumerable<string> MakersOf(IEnumerable<Mention> mentions) => mentions
        .Where(mention => mention.Used is "System.Threading.Thread::.ctor" or "System.Threading.ThreadPool::QueueUserWorkItem"
            or "System.Threading.Timer::.ctor" or "System.Threading.Tasks.Parallel::For")
        .Select(mention => mention.FullType).Distinct();

    private static bool Decodes(Mention mention) =>
        mention.Used.StartsWith("LowLatency.Gateways.Bybit.", StringComparison.Ordinal)
        || mention.Used.StartsWith("LowLatency.Gateways.Alpaca.", StringComparison.Ordinal)
        || mention.Used.StartsWith("LowLatency.Gateways.Wire.", StringComparison.Ordinal)
        || mention.Used.StartsWith("LowLatency.Core.Events.Event", StringComparison.Ordinal);

    // What the compiler makes of a lambda is made once and has no state.
    private static IEnumerable<FieldInfo> FieldsOf(Assembly assembly) => assembly.GetTypes()
        .Where(type => !type.Name.Contains("<>", StringComparison.Ordinal) && !type.FullName!.StartsWith('<'))
        .SelectMany(type => type.GetFields(Statics))
        .Where(field => !field.IsLiteral);

    private static string Name(FieldInfo field) => $"{field.DeclaringType!.FullName}.{field.Name}: {field.FieldType}";

    /// <summary>True when nothing that a field of this type leads to can be written after its construction.</summary>
    private static bool IsFixed(Type type) => IsFixed(type, []);

    private static bool IsFixed(Type type, HashSet<Type> looked)
    {
        if (type.IsPrimitive || type.IsEnum || type == typeof(string) || type.IsSubclassOf(typeof(Delegate))
            || type.IsSubclassOf(typeof(JsonSerializerContext)) || !looked.Add(type))
        {
            return true;
        }

        if (type.IsArray)
        {
            return IsFixed(type.GetElementType()!, looked);
        }

        Type[] arguments = type.IsGenericType ? type.GetGenericArguments() : [];
        return type.Namespace switch
        {
            // Tables that are made once and read: a list or dictionary that is written is found by its type only as a view.
            "System.Collections.Generic" => (type.IsInterface || type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
                && arguments.All(argument => IsFixed(argument, looked)),
            "System.Collections.Immutable" or "System.Collections.Frozen" => arguments.All(argument => IsFixed(argument, looked)),
            { } space when space == "System" || space.StartsWith("System.", StringComparison.Ordinal) =>
                arguments.All(argument => IsFixed(argument, looked)) && IsFixedOfTheFramework(type),
            _ => type.GetFields(Instances).All(field =>
                (field.IsInitOnly || type.IsValueType || field.Name.Contains('<', StringComparison.Ordinal)) && IsFixed(field.FieldType, looked)),
        };
    }

    private static bool IsFixedOfTheFramework(Type type) =>
        type.IsValueType || typeof(MemberInfo).IsAssignableFrom(type)
        || type.FullName is "System.Net.Http.HttpMethod" or "System.Text.Json.JsonSerializerOptions" or "System.Text.RegularExpressions.Regex"
        || type.FullName!.StartsWith("System.Buffers.SearchValues", StringComparison.Ordinal);

    /// <summary>What no shipped type may have.</summary>
    private static class Changing
    {
        internal static readonly List<string> Cache = [];
        internal static readonly Counting Holder = new();
        internal static int Counter;

        [ThreadStatic]
        internal static int PerThread;

        internal static string Use() => Cache.Count + Holder.ToString() + Interlocked.Increment(ref Counter) + ++PerThread;
    }

    private sealed class Counting
    {
        internal int Count;

        public override string ToString() => (++Count).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
