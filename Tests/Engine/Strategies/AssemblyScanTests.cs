using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Threading;
using LowLatency.Core.Determinism;
using LowLatency.Core.Events;
using LowLatency.Core.Formats;
using LowLatency.Core.Market;
using LowLatency.Core.Signals;
using LowLatency.Engine.Strategies;
using Xunit;

namespace LowLatency.Tests.Engine.Strategies;

/// <summary>What a strategy's assembly may not do is found by name, before anything of it runs.</summary>
public sealed class AssemblyScanTests
{
    private static readonly Dictionary<string, MethodBase> BannedCalls = new(StringComparer.Ordinal)
    {
        ["System.DateTime::get_UtcNow"] = Getter(typeof(DateTime), nameof(DateTime.UtcNow)),
        ["System.DateTimeOffset::get_Now"] = Getter(typeof(DateTimeOffset), nameof(DateTimeOffset.Now)),
        ["System.TimeProvider::get_System"] = Getter(typeof(TimeProvider), nameof(TimeProvider.System)),
        ["System.Diagnostics.Stopwatch::GetTimestamp"] =
            Method(typeof(System.Diagnostics.Stopwatch), nameof(System.Diagnostics.Stopwatch.GetTimestamp)),
        ["System.Environment::get_TickCount64"] = Getter(typeof(Environment), nameof(Environment.TickCount64)),
        ["System.Environment::get_MachineName"] = Getter(typeof(Environment), nameof(Environment.MachineName)),
        ["System.Random::.ctor"] = typeof(Random).GetConstructor([])!,
        ["System.Random::get_Shared"] = Getter(typeof(Random), nameof(Random.Shared)),
        ["System.Guid::NewGuid"] = Method(typeof(Guid), nameof(Guid.NewGuid)),
        ["System.Threading.Thread::Sleep"] = Method(typeof(Thread), nameof(Thread.Sleep), typeof(int)),
        ["System.Threading.Thread::get_CurrentThread"] = Getter(typeof(Thread), nameof(Thread.CurrentThread)),
        ["System.Threading.Tasks.Task::get_CompletedTask"] =
            Getter(typeof(System.Threading.Tasks.Task), nameof(System.Threading.Tasks.Task.CompletedTask)),
        ["System.Threading.Interlocked::Increment"] =
            Method(typeof(Interlocked), nameof(Interlocked.Increment), typeof(long).MakeByRefType()),
        ["System.Threading.Monitor::Enter"] = Method(typeof(Monitor), nameof(Monitor.Enter), typeof(object)),
        ["System.IO.File::Exists"] = Method(typeof(File), nameof(File.Exists), typeof(string)),
        ["System.Console::WriteLine"] = Method(typeof(Console), nameof(Console.WriteLine)),
        ["System.Net.Dns::GetHostName"] = Method(typeof(System.Net.Dns), nameof(System.Net.Dns.GetHostName)),
        ["System.Collections.Generic.Dictionary`2::GetEnumerator"] =
            Method(typeof(Dictionary<int, int>), nameof(Dictionary<int, int>.GetEnumerator)),
        ["System.Collections.Generic.HashSet`1::.ctor"] = typeof(HashSet<int>).GetConstructor([])!,
        ["System.HashCode::ToHashCode"] = Method(typeof(HashCode), nameof(HashCode.ToHashCode)),
        ["System.Object::GetHashCode"] = Method(typeof(object), nameof(GetHashCode)),
        ["System.String::GetHashCode"] = Method(typeof(string), nameof(GetHashCode)),
        ["System.Object::ToString"] = Method(typeof(object), nameof(ToString)),
        ["System.Math::Exp"] = Method(typeof(Math), nameof(Math.Exp), typeof(double)),
        ["System.Math::Pow"] = Method(typeof(Math), nameof(Math.Pow), typeof(double), typeof(double)),
        ["System.Math::Sin"] = Method(typeof(Math), nameof(Math.Sin), typeof(double)),
        ["System.Math::FusedMultiplyAdd"] =
            Method(typeof(Math), nameof(Math.FusedMultiplyAdd), typeof(double), typeof(double), typeof(double)),
        ["System.Double::Log"] = Method(typeof(double), nameof(double.Log), typeof(double)),
        ["System.MathF::Sqrt"] = Method(typeof(MathF), nameof(MathF.Sqrt), typeof(float)),
        ["System.Numerics.Vector::get_IsHardwareAccelerated"] = Getter(typeof(Vector), nameof(Vector.IsHardwareAccelerated)),
        ["System.Runtime.Intrinsics.Vector128::get_IsHardwareAccelerated"] =
            Getter(typeof(Vector128), nameof(Vector128.IsHardwareAccelerated)),
        ["System.Double::Parse"] = Method(typeof(double), nameof(double.Parse), typeof(string)),
        ["System.Globalization.CultureInfo::get_CurrentCulture"] = Getter(typeof(CultureInfo), nameof(CultureInfo.CurrentCulture)),
        ["System.String::Compare"] = Method(typeof(string), nameof(string.Compare), typeof(string), typeof(string)),
        ["System.Runtime.InteropServices.Marshal::GetLastPInvokeError"] =
            Method(typeof(Marshal), nameof(Marshal.GetLastPInvokeError)),
        ["System.Runtime.InteropServices.GCHandle::get_IsAllocated"] = Getter(typeof(GCHandle), nameof(GCHandle.IsAllocated)),
        ["System.Runtime.CompilerServices.Unsafe::SizeOf"] = Method(typeof(Unsafe), nameof(Unsafe.SizeOf)).MakeGenericMethod(typeof(int)),
        ["System.GC::GetTotalMemory"] = Method(typeof(GC), nameof(GC.GetTotalMemory), typeof(bool)),
        ["System.Type::GetType"] = Method(typeof(Type), nameof(System.Type.GetType), typeof(string)),
        ["System.Object::GetType"] = Method(typeof(object), nameof(GetType)),
        ["System.Activator::CreateInstance"] = Method(typeof(Activator), nameof(Activator.CreateInstance), typeof(Type)),
        ["System.Reflection.Assembly::GetExecutingAssembly"] = Method(typeof(Assembly), nameof(Assembly.GetExecutingAssembly)),
        ["System.Reflection.Emit.AssemblyBuilder::DefineDynamicAssembly"] = Method(
            typeof(AssemblyBuilder), nameof(AssemblyBuilder.DefineDynamicAssembly), typeof(AssemblyName), typeof(AssemblyBuilderAccess)),
        ["System.Linq.Enumerable::Range"] = Method(typeof(Enumerable), nameof(Enumerable.Range), typeof(int), typeof(int)),
        ["System.Array::Sort"] = Method(typeof(Array), nameof(Array.Sort), typeof(Array)),
        ["System.AppContext::get_BaseDirectory"] = Getter(typeof(AppContext), nameof(AppContext.BaseDirectory)),

        // Of the engine: what writes the market, and what is no business of a strategy.
        ["LowLatency.Core.Market.MarketView::Apply"] = Method(typeof(MarketView), nameof(MarketView.Apply)),
        ["LowLatency.Core.Market.Book::Clear"] = Method(typeof(Book), nameof(Book.Clear)),
        ["LowLatency.Core.Market.Book::Visit"] = Method(typeof(Book), nameof(Book.Visit)),
        ["LowLatency.Core.Signals.StrategyContext::Visit"] = Method(typeof(StrategyContext), nameof(StrategyContext.Visit)),
        ["LowLatency.Core.Formats.DigestVisitor::.ctor"] = typeof(DigestVisitor).GetConstructor([])!,
    };

    public static TheoryData<string> Banned => [.. BannedCalls.Keys];

    [Theory]
    [MemberData(nameof(Banned))]
    public void A_banned_member_is_refused_by_its_name_and_that_of_the_method(string member)
    {
        ScanFinding finding = Assert.Single(
            AssemblyScan.Of(SampleAssembly.Of(SampleAssembly.Calling(BannedCalls[member]))),
            found => found.Member == member);
        Assert.Equal("Samples.Sample.OnTick", finding.Method);
        Assert.NotEmpty(finding.Why);
    }

    [Fact]
    public void An_empty_strategy_and_one_that_uses_the_contract_are_accepted()
    {
        Assert.Empty(AssemblyScan.Of(SampleAssembly.Of()));
        foreach (MethodBase allowed in (ReadOnlySpan<MethodBase>)
            [
                Getter(typeof(StrategyContext), nameof(StrategyContext.Now)),
                Getter(typeof(Book), nameof(Book.BestBidPrice)),
                Method(typeof(Math), nameof(Math.Sqrt), typeof(double)),
                Method(typeof(Math), nameof(Math.Abs), typeof(long)),
                Method(typeof(DeterministicMath), nameof(DeterministicMath.Exp), typeof(double)),
                Method(typeof(double), nameof(double.IsNaN), typeof(double)),
                typeof(List<int>).GetConstructor([])!,
                Method(typeof(BitOperations), nameof(BitOperations.PopCount), typeof(ulong)),
            ])
        {
            Assert.Empty(AssemblyScan.Of(SampleAssembly.Of(SampleAssembly.Calling(allowed))));
        }
    }

    [Fact]
    public void The_example_outside_the_engine_is_accepted() =>
        Assert.Empty(AssemblyScan.Of([.. File.ReadAllBytes(Examples.Breakout)]));

    [Fact]
    public void State_outside_the_strategy_is_refused()
    {
        Assert.Equal(
            "static mutable field Count", Only(shape: type => type.DefineField("Count", typeof(long), FieldAttributes.Public | FieldAttributes.Static)));
        Assert.Equal(
            "static field Table of array",
            Only(shape: type => type.DefineField("Table", typeof(long[]), FieldAttributes.Static | FieldAttributes.InitOnly)));
        Assert.Empty(AssemblyScan.Of(SampleAssembly.Of(shape: type =>
            type.DefineField("One", typeof(long), FieldAttributes.Static | FieldAttributes.InitOnly))));
    }

    [Fact]
    public void Code_that_is_not_memory_safe_or_cannot_be_read_is_refused()
    {
        Assert.Equal("the instruction Localloc", Only(code =>
        {
            code.Emit(OpCodes.Ldc_I4_8);
            code.Emit(OpCodes.Conv_U);
            code.Emit(OpCodes.Localloc);
            code.Emit(OpCodes.Pop);
        }));
        Assert.Equal("a pointer", Only(code => code.DeclareLocal(typeof(int*))));
        Assert.Equal("a pointer", Only(code => code.DeclareLocal(typeof(object), pinned: true)));
        Assert.Equal("a pointer", Only(shape: type => type.DefineField("P", typeof(int*), FieldAttributes.Private)));
        Assert.Contains(
            AssemblyScan.Of(SampleAssembly.Of(shape: type => type.DefinePInvokeMethod(
                "getpid",
                "libc",
                MethodAttributes.Public | MethodAttributes.Static | MethodAttributes.PinvokeImpl,
                CallingConventions.Standard,
                typeof(int),
                [],
                CallingConvention.Cdecl,
                CharSet.Ansi))),
            found => found is { Member: "native code", Method: "Samples.Sample.getpid" });
    }

    [Fact]
    public void Locals_that_are_not_cleared_are_refused() =>
        Assert.Equal("locals that are not cleared", Only(shape: type =>
        {
            MethodBuilder method = type.DefineMethod("Garbage", MethodAttributes.Public, typeof(void), []);
            method.InitLocals = false;
            ILGenerator code = method.GetILGenerator();
            code.DeclareLocal(typeof(long));
            code.Emit(OpCodes.Ret);
        }));

    [Fact]
    public void A_finaliser_and_a_catch_block_are_refused()
    {
        Assert.Equal("a finaliser", Only(shape: type => type
            .DefineMethod("Finalize", MethodAttributes.Family | MethodAttributes.Virtual, typeof(void), [])
            .GetILGenerator().Emit(OpCodes.Ret)));
        Assert.Equal("a catch block", Only(code =>
        {
            code.BeginExceptionBlock();
            code.BeginCatchBlock(typeof(Exception));
            code.Emit(OpCodes.Pop);
            code.EndExceptionBlock();
        }));
    }

    [Fact]
    public void A_dependency_other_than_the_contract_is_refused() =>
        Assert.Contains(
            AssemblyScan.Of(SampleAssembly.Of(SampleAssembly.Calling(
                Method(typeof(Assert), nameof(Assert.Fail), typeof(string))))),
            found => found.Member == "assembly xunit.v3.assert");

    [Fact]
    public void A_visitor_of_its_own_and_a_delegate_are_refused()
    {
        Assert.Contains(
            AssemblyScan.Of(SampleAssembly.Of(shape: type => type.DefineField("F", typeof(Func<int>), FieldAttributes.Private))),
            found => found is { Member: "System.Func`1", Method: "Samples.Sample.F" });
        Assert.NotNull(ScanRules.RefusalOf("LowLatency.Core.Determinism.StateVisitor", ".ctor"));
        Assert.Null(ScanRules.RefusalOf("LowLatency.Core.Determinism.StateVisitor", "Visit"));
    }

    [Fact]
    public void Bytes_that_are_no_assembly_are_refused()
    {
        Assert.Throws<BadImageFormatException>(() => AssemblyScan.Of([1, 2, 3]));
        ImmutableArray<byte> sample = SampleAssembly.Of();
        Assert.ThrowsAny<Exception>(() => AssemblyScan.Of(sample[..(sample.Length / 3)]));
    }

    private static string Only(Action<ILGenerator>? onTick = null, Action<TypeBuilder>? shape = null) =>
        Assert.Single(AssemblyScan.Of(SampleAssembly.Of(onTick, shape))).Member;

    private static MethodInfo Getter(Type type, string name) => type.GetProperty(name)!.GetMethod!;

    private static MethodInfo Method(Type type, string name, params Type[] parameters) => parameters.Length == 0
        ? type.GetMethods().First(method => method.Name == name)
        : type.GetMethod(name, parameters)!;
}
