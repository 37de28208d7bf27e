using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace LowLatency.Engine.Strategies;

/// <summary>Steps through the instructions of a method body.</summary>
internal ref struct IlReader(BlobReader code)
{
    private BlobReader _code = code;

    /// <summary>The instruction.</summary>
    internal ILOpCode Code { get; private set; }

    /// <summary>What its token names; nil when it has none.</summary>
    internal EntityHandle Token { get; private set; }

    /// <summary>Reads the next instruction.</summary>
    /// <returns>False at the end of the body.</returns>
    internal bool Next()
    {
        if (_code.RemainingBytes == 0)
        {
            return false;
        }

        byte first = _code.ReadByte();
        Code = first == 0xFE ? (ILOpCode)(0xFE00 | _code.ReadByte()) : (ILOpCode)first;
        Token = default;
        if (Code == ILOpCode.Switch)
        {
            // In two steps: an offset read before the count would forget the four bytes of the count.
            int targets = _code.ReadInt32();
            _code.Offset += 4 * targets;
        }
        else if (HasToken(Code))
        {
            Token = MetadataTokens.EntityHandle(_code.ReadInt32());
        }
        else
        {
            _code.Offset += Code.IsBranch() ? Code.GetBranchOperandSize() : OperandOf(Code);
        }

        return true;
    }

    private static bool HasToken(ILOpCode code) => code is ILOpCode.Jmp or ILOpCode.Call or ILOpCode.Calli or ILOpCode.Callvirt
        or ILOpCode.Cpobj or ILOpCode.Ldobj or ILOpCode.Newobj or ILOpCode.Castclass or ILOpCode.Isinst or ILOpCode.Unbox
        or ILOpCode.Ldfld or ILOpCode.Ldflda or ILOpCode.Stfld or ILOpCode.Ldsfld or ILOpCode.Ldsflda or ILOpCode.Stsfld
        or ILOpCode.Stobj or ILOpCode.Box or ILOpCode.Newarr or ILOpCode.Ldelema or ILOpCode.Ldelem or ILOpCode.Stelem
        or ILOpCode.Unbox_any or ILOpCode.Refanyval or ILOpCode.Mkrefany or ILOpCode.Ldtoken or ILOpCode.Ldftn
        or ILOpCode.Ldvirtftn or ILOpCode.Initobj or ILOpCode.Constrained or ILOpCode.Sizeof;

    private static int OperandOf(ILOpCode code) => code switch
    {
        ILOpCode.Ldarg_s or ILOpCode.Ldarga_s or ILOpCode.Starg_s or ILOpCode.Ldloc_s or ILOpCode.Ldloca_s or ILOpCode.Stloc_s
            or ILOpCode.Ldc_i4_s or ILOpCode.Unaligned => 1,
        ILOpCode.Ldarg or ILOpCode.Ldarga or ILOpCode.Starg or ILOpCode.Ldloc or ILOpCode.Ldloca or ILOpCode.Stloc => 2,
        ILOpCode.Ldc_i4 or ILOpCode.Ldc_r4 or ILOpCode.Ldstr => 4,
        ILOpCode.Ldc_i8 or ILOpCode.Ldc_r8 => 8,
        _ => 0,
    };
}
