namespace LowLatency.Core.Formats.MessagePack;

/// <summary>The first bytes of the MessagePack specification, by its names.</summary>
internal static class MessagePackCode
{
    internal const byte PositiveFixIntMaximum = 0x7F;
    internal const byte FixMap = 0x80;
    internal const byte FixArray = 0x90;
    internal const byte FixText = 0xA0;
    internal const byte Nil = 0xC0;
    internal const byte NeverUsed = 0xC1;
    internal const byte False = 0xC2;
    internal const byte True = 0xC3;
    internal const byte Binary8 = 0xC4;
    internal const byte Binary16 = 0xC5;
    internal const byte Binary32 = 0xC6;
    internal const byte Extension8 = 0xC7;
    internal const byte Extension16 = 0xC8;
    internal const byte Extension32 = 0xC9;
    internal const byte Float32 = 0xCA;
    internal const byte Float64 = 0xCB;
    internal const byte Unsigned8 = 0xCC;
    internal const byte Unsigned16 = 0xCD;
    internal const byte Unsigned32 = 0xCE;
    internal const byte Unsigned64 = 0xCF;
    internal const byte Signed8 = 0xD0;
    internal const byte Signed16 = 0xD1;
    internal const byte Signed32 = 0xD2;
    internal const byte Signed64 = 0xD3;
    internal const byte FixExtension1 = 0xD4;
    internal const byte FixExtension8 = 0xD7;
    internal const byte FixExtension16 = 0xD8;
    internal const byte Text8 = 0xD9;
    internal const byte Text16 = 0xDA;
    internal const byte Text32 = 0xDB;
    internal const byte Array16 = 0xDC;
    internal const byte Array32 = 0xDD;
    internal const byte Map16 = 0xDE;
    internal const byte Map32 = 0xDF;
    internal const byte NegativeFixIntMinimum = 0xE0;
}
