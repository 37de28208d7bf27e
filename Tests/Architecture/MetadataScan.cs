using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace LowLatency.Tests.Architecture;

/// <summary>One thing that a type of the scanned assembly mentions.</summary>
/// <param name="Namespace">Namespace of the outermost type that mentions it.</param>
/// <param name="Type">That outermost type, without its namespace.</param>
/// <param name="Where">The field or method, or the type itself.</param>
/// <param name="Used">
/// A type's full name, or a member as <c>Namespace.Type::Member</c>, or <c>opcode:name</c> for a floating-point opcode, or
/// <c>catch:name</c> for a handler of an exception type <c>catch:when</c> for a handler that has a condition, and
/// <c>catch:empty</c> for one that does nothing.
/// </param>
internal sealed record Mention(string Namespace, string Type, string Where, string Used)
{
    /// <summary>The namespace and name of the mentioning type.</summary>
    internal string FullType => Namespace.Length == 0 ? Type : Namespace + "." + Type;

    public override string ToString() => $"{FullType}, {Where}: {Used}";
}

/// <summary>
/// Reads a compiled assembly: bases, interfaces, constraints, attributes, signatures of fields, methods and locals, and
/// every token and floating-point opcode of every method body. What the compiler inferred is seen as what was written.
/// </summary>
internal sealed class MetadataScan
{
    private static readonly OpCode[] OneByte = new OpCode[256];
    private static readonly OpCode[] TwoByte = new OpCode[256];

    private readonly List<Mention> _mentions = [];
    private readonly HashSet<Mention> _seen = [];
    private readonly MetadataReader _reader;
    private readonly PEReader _image;
    private readonly NameCollector _names;
    private (string Namespace, string Type, string Where) _at;

    static MetadataScan()
    {
        foreach (FieldInfo field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            OpCode code = (OpCode)field.GetValue(null)!;
            ushort value = unchecked((ushort)code.Value);
            (code.Size == 1 ? OneByte : TwoByte)[value & 0xFF] = code;
        }
    }

    private MetadataScan(PEReader image)
    {
        _image = image;
        _reader = image.GetMetadataReader();
        _names = new NameCollector(Use);
    }

    /// <summary>Everything that the types of an assembly mention.</summary>
    internal static IReadOnlyList<Mention> Of(string path)
    {
        using FileStream file = File.OpenRead(path);
        using PEReader image = new(file);
        MetadataScan scan = new(image);
        foreach (TypeDefinitionHandle type in scan._reader.TypeDefinitions)
        {
            scan.VisitType(type);
        }

        return scan._mentions;
    }

    /// <summary>Names of the assemblies that an assembly references.</summary>
    internal static string[] References(string path)
    {
        using FileStream file = File.OpenRead(path);
        using PEReader image = new(file);
        MetadataReader reader = image.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(handle =>
            reader.GetString(reader.GetAssemblyReference(handle).Name)).Order(StringComparer.Ordinal)];
    }

    private void Use(string used)
    {
        Mention mention = new(_at.Namespace, _at.Type, _at.Where, used);
        if (_seen.Add(mention))
        {
            _mentions.Add(mention);
        }
    }

    private void VisitType(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _reader.GetTypeDefinition(handle);
        (string space, string name) = NameCollector.Outermost(_reader, handle);
        string nested = _reader.GetString(type.Name);
        string prefix = nested == name ? string.Empty : nested + ".";
        _at = (space, name, prefix.Length == 0 ? "type" : nested);
        VisitEntity(type.BaseType);
        foreach (InterfaceImplementationHandle implemented in type.GetInterfaceImplementations())
        {
            VisitEntity(_reader.GetInterfaceImplementation(implemented).Interface);
        }

        VisitGenerics(type.GetGenericParameters());
        VisitAttributes(type.GetCustomAttributes());
        foreach (FieldDefinitionHandle fieldHandle in type.GetFields())
        {
            FieldDefinition field = _reader.GetFieldDefinition(fieldHandle);
            _at = (space, name, prefix + _reader.GetString(field.Name));
            field.DecodeSignature(_names, null);
            VisitAttributes(field.GetCustomAttributes());
        }

        foreach (MethodDefinitionHandle methodHandle in type.GetMethods())
        {
            MethodDefinition method = _reader.GetMethodDefinition(methodHandle);
            _at = (space, name, prefix + _reader.GetString(method.Name));
            method.DecodeSignature(_names, null);
            VisitGenerics(method.GetGenericParameters());
            VisitAttributes(method.GetCustomAttributes());
            if (method.RelativeVirtualAddress != 0)
            {
                VisitBody(_image.GetMethodBody(method.RelativeVirtualAddress));
            }
        }
    }

    private void VisitGenerics(GenericParameterHandleCollection parameters)
    {
        foreach (GenericParameterHandle parameter in parameters)
        {
            foreach (GenericParameterConstraintHandle constraint in
                _reader.GetGenericParameter(parameter).GetConstraints())
            {
                VisitEntity(_reader.GetGenericParameterConstraint(constraint).Type);
            }
        }
    }

    private void VisitAttributes(CustomAttributeHandleCollection attributes)
    {
        foreach (CustomAttributeHandle attribute in attributes)
        {
            VisitEntity(_reader.GetCustomAttribute(attribute).Constructor);
        }
    }

    private void VisitBody(MethodBodyBlock body)
    {
        if (!body.LocalSignature.IsNil)
        {
            _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_names, null);
        }

        // The body of an asynchronous method stands in a catch of the compiler's own, the outermost and so the last, which
        // keeps the failure for who awaits it.
        int written = body.ExceptionRegions.Length - (_at.Where.EndsWith(".MoveNext", StringComparison.Ordinal) && _at.Where.Contains(">d__", StringComparison.Ordinal) ? 1 : 0);
        for (int i = 0; i < body.ExceptionRegions.Length; i++)
        {
            ExceptionRegion region = body.ExceptionRegions[i];
            VisitEntity(region.CatchType);
            if (region.Kind is ExceptionRegionKind.Catch or ExceptionRegionKind.Filter
                && (i < written || region.CatchType.IsNil || NameOf(region.CatchType) != "System.Exception"))
            {
                Use("catch:" + (region.CatchType.IsNil ? "when" : NameOf(region.CatchType)));
                if (DoesNothing(body.GetILBytes().AsSpan(region.HandlerOffset, region.HandlerLength)))
                {
                    Use("catch:empty");
                }
            }
        }

        BlobReader code = body.GetILReader();
        while (code.RemainingBytes > 0)
        {
            byte first = code.ReadByte();
            OpCode opcode = first == 0xFE ? TwoByte[code.ReadByte()] : OneByte[first];
            if (IsFloating(opcode))
            {
                Use("opcode:" + opcode.Name);
            }

            switch (opcode.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok
                    or OperandType.InlineType:
                    VisitEntity(MetadataTokens.EntityHandle(code.ReadInt32()));
                    break;
                case OperandType.InlineSig:
                    VisitEntity(MetadataTokens.EntityHandle(code.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    // In two steps: an offset read before the count would forget the four bytes of the count.
                    int targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    code.Offset += 8;
                    break;
                case OperandType.InlineBrTarget or OperandType.InlineI or OperandType.InlineString
                    or OperandType.ShortInlineR:
                    code.Offset += 4;
                    break;
                case OperandType.InlineVar:
                    code.Offset += 2;
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    code.Offset += 1;
                    break;
                case OperandType.InlineNone:
                    break;
                default:
                    throw new InvalidOperationException("unknown operand of " + opcode.Name);
            }
        }
    }

    /// <summary>True for a handler that forgets what it caught and goes on.</summary>
    private static bool DoesNothing(ReadOnlySpan<byte> handler)
    {
        ReadOnlySpan<byte> rest = handler.TrimStart([(byte)OpCodes.Nop.Value, (byte)OpCodes.Pop.Value]);
        return (rest.Length == 2 && rest[0] == (byte)OpCodes.Leave_S.Value) || (rest.Length == 5 && rest[0] == (byte)OpCodes.Leave.Value);
    }

    private static bool IsFloating(OpCode code) =>
        code.Name!.Contains(".r4", StringComparison.Ordinal) || code.Name.Contains(".r8", StringComparison.Ordinal)
        || code.Name == "conv.r.un" || code.Name == "ckfinite";

    private void VisitEntity(EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return;
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                _names.GetTypeFromDefinition(_reader, (TypeDefinitionHandle)handle, 0);
                break;
            case HandleKind.TypeReference:
                _names.GetTypeFromReference(_reader, (TypeReferenceHandle)handle, 0);
                break;
            case HandleKind.TypeSpecification:
                _reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(_names, null);
                break;
            case HandleKind.FieldDefinition:
                FieldDefinition field = _reader.GetFieldDefinition((FieldDefinitionHandle)handle);
                Use(_names.GetTypeFromDefinition(_reader, field.GetDeclaringType(), 0) + "::" + Text(field.Name));
                field.DecodeSignature(_names, null);
                break;
            case HandleKind.MethodDefinition:
                MethodDefinition method = _reader.GetMethodDefinition((MethodDefinitionHandle)handle);
                Use(_names.GetTypeFromDefinition(_reader, method.GetDeclaringType(), 0) + "::" + Text(method.Name));
                method.DecodeSignature(_names, null);
                break;
            case HandleKind.MemberReference:
                MemberReference member = _reader.GetMemberReference((MemberReferenceHandle)handle);
                VisitEntity(member.Parent);
                Use(NameOf(member.Parent) + "::" + Text(member.Name));
                if (member.GetKind() == MemberReferenceKind.Method)
                {
                    member.DecodeMethodSignature(_names, null);
                }
                else
                {
                    member.DecodeFieldSignature(_names, null);
                }

                break;
            case HandleKind.MethodSpecification:
                MethodSpecification generic = _reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                VisitEntity(generic.Method);
                generic.DecodeSignature(_names, null);
                break;
            case HandleKind.StandaloneSignature:
                _reader.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(_names, null);
                break;
            default:
                throw new InvalidOperationException("unknown token " + handle.Kind);
        }
    }

    private string NameOf(EntityHandle parent) => parent.Kind switch
    {
        HandleKind.TypeDefinition => _names.GetTypeFromDefinition(_reader, (TypeDefinitionHandle)parent, 0),
        HandleKind.TypeReference => _names.GetTypeFromReference(_reader, (TypeReferenceHandle)parent, 0),
        HandleKind.TypeSpecification =>
            _reader.GetTypeSpecification((TypeSpecificationHandle)parent).DecodeSignature(_names, null),
        _ => throw new InvalidOperationException("unknown parent " + parent.Kind),
    };

    private string Text(StringHandle handle) => _reader.GetString(handle);
}
