using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using LowLatency.Core.Determinism;

namespace LowLatency.Core.Formats;

/// <summary>A finished 128-bit digest.</summary>
/// <param name="High">First 16 digits of the text form.</param>
/// <param name="Low">Last 16 digits of the text form.</param>
public readonly record struct Digest(ulong High, ulong Low)
{
    /// <summary>Characters of the text form.</summary>
    public const int TextLength = 32;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>Reads the text form; only the one that <see cref="ToString"/> writes.</summary>
    /// <param name="text">32 lower-case hexadecimal digits.</param>
    /// <param name="digest">The digest.</param>
    /// <returns>False when the text is anything else.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Digest digest)
    {
        digest = default;
        if (text.Length != TextLength || text.ContainsAnyExcept(Digits))
        {
            return false;
        }

        const NumberStyles Hex = NumberStyles.AllowHexSpecifier;
        ulong high = ulong.Parse(text[..16], Hex, CultureInfo.InvariantCulture);
        ulong low = ulong.Parse(text[16..], Hex, CultureInfo.InvariantCulture);
        digest = new Digest(high, low);
        return true;
    }

    /// <summary>The text form.</summary>
    /// <returns>32 lower-case hexadecimal digits.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");
}

/// <summary>
/// A rolling 128-bit digest: equal on every machine for equal calls in equal order. <c>default</c> is the digest of
/// nothing. It finds accidents, not attacks: it is not cryptographic, and whoever wants a collision can make one.
/// </summary>
/// <remarks>
/// Every step is a bijection of the state for a fixed word, and injective in the word for a fixed state. So two inputs
/// of equal shape that differ in one word can never have equal digests. Wider differences collide by chance only.
/// </remarks>
public struct Digest128
{
    private ulong _a;
    private ulong _b;
    private ulong _words;

    /// <summary>Adds a word.</summary>
    /// <param name="word">Any value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong word)
    {
        unchecked
        {
            // All that needs the word alone is off the chain from state to state, which is three cheap operations long.
            ulong mixed = BitOperations.RotateLeft(word * 0x87C37B91114253D5UL, 31) * 0x4CF5AD432745937FUL;
            ulong other = BitOperations.RotateLeft(word, 32) * 0x9E3779B97F4A7C15UL;
            ulong a = BitOperations.RotateLeft(_a + (mixed + 0x52DCE729DA3ED615UL), 27) * 5;
            ulong b = BitOperations.RotateLeft(_b ^ (other + a), 31) * 9;
            _a = a;
            _b = b;
            _words++;
        }
    }

    /// <summary>
    /// Adds bytes and their number, read as little-endian words, the last one filled up with zeros. The same bytes in
    /// two calls instead of one give another digest.
    /// </summary>
    /// <param name="bytes">Any bytes, also none.</param>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        // A local copy stays in registers; through `this` each word would wait for the stores of the one before.
        Digest128 local = this;
        local.Add((ulong)bytes.Length);
        while (bytes.Length >= sizeof(ulong))
        {
            local.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        if (!bytes.IsEmpty)
        {
            ulong last = 0;
            for (int i = 0; i < bytes.Length; i++)
            {
                last |= (ulong)bytes[i] << (8 * i);
            }

            local.Add(last);
        }

        this = local;
    }

    /// <summary>The digest of all that was added. Adding can go on after it.</summary>
    /// <returns>The digest.</returns>
    public readonly Digest Finish()
    {
        unchecked
        {
            ulong a = _a ^ _words;
            ulong b = _b ^ BitOperations.RotateLeft(_words, 32);
            a += b;
            b += a;
            a = Mix(a);
            b = Mix(b);
            a += b;
            b += a;
            return new Digest(a, b);
        }
    }

    /// <summary>Walks the state, so that a rolling digest can go on after a restore.</summary>
    /// <param name="visitor">Digest, save or restore.</param>
    public void Visit(StateVisitor visitor)
    {
        visitor.Visit(ref _a);
        visitor.Visit(ref _b);
        visitor.Visit(ref _words);
    }

    // Each output bit depends on each input bit, and the step can be undone: nothing is lost.
    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value ^= value >> 33;
            value *= 0xFF51AFD7ED558CCDUL;
            value ^= value >> 33;
            value *= 0xC4CEB9FE1A85EC53UL;
            return value ^ (value >> 33);
        }
    }
}
