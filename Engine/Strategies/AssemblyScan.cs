using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace LowLatency.Engine.Strategies;

/// <summary>One thing in a strategy's assembly that is not allowed.</summary>
/// <param name="Method">The method, field or type that mentions it, with its type.</param>
/// <param name="Member">What it mentions, as <c>Namespace.Type::Member</c>, or a property of the code.</param>
/// <param name="Why">Why not, and what to use instead.</param>
internal sealed record ScanFinding(string Method, string Member, string Why)
{
    public override string ToString() => $"{Method} uses {Member}: {Why}";
}

/// <summary>
/// Reads a strategy's assembly before it is loaded: every type that it references, every instruction of every body, every
/// static field. Nothing of it runs meanwhile. What is not allowed is named with the method that does it.
/// </summary>
internal sealed class AssemblyScan
{
    /// <summary>Findings that are listed; an assembly with more is not a strategy.</summary>
    internal const int FindingsMax = 50;

    private readonly PEReader _image;
    private readonly MetadataReader _reader;
    private readonly SignatureTypes _types = new();
    private readonly List<ScanFinding> _findings = [];
    private string _at = string.Empty;
    private bool _inHelper;

    private AssemblyScan(PEReader image)
    {
        _image = image;
        _reader = image.GetMetadataReader();
    }

    /// <summary>Scans an assembly.</summary>
    /// <param name="image">The bytes of the file.</param>
    /// <returns>What is not allowed; empty when nothing is.</returns>
    /// <exception cref="BadImageFormatException">The bytes are no assembly.</exception>
    internal static IReadOnlyList<ScanFinding> Of(ImmutableArray<byte> image)
    {
        using PEReader reader = new(image);
        if (!reader.HasMetadata)
        {
            throw new BadImageFormatException("the file holds no metadata");
        }

        AssemblyScan scan = new(reader);
        scan.ScanModule();
        foreach (TypeDefinitionHandle type in scan._reader.TypeDefinitions)
        {
            scan.ScanType(type);
        }

        return scan._findings;
    }

    private void Refuse(string member, string? why)
    {
        if (why is null || _findings.Count == FindingsMax)
        {
            return;
        }

        ScanFinding finding = new(_at, member, why);
        if (!_findings.Contains(finding))
        {
            _findings.Add(finding);
        }
    }

    private void ScanModule()
    {
        _at = "the assembly";
        if (_image.PEHeaders.CorHeader is not { } header || (header.Flags & CorFlags.ILOnly) == 0)
        {
            Refuse("native code", "only what can be read can be allowed");
        }

        if (_reader.GetTableRowCount(TableIndex.ModuleRef) != 0
            || _reader.AssemblyFiles.Count != 0)
        {
            Refuse("another module", "a strategy calls no native code and is one file");
        }

        foreach (AssemblyReferenceHandle handle in _reader.AssemblyReferences)
        {
            string name = _reader.GetString(_reader.GetAssemblyReference(handle).Name);
            if (!ScanRules.MayReference(name))
            {
                Refuse("assembly " + name, $"a strategy depends on {ScanRules.Core} and the framework alone");
            }
        }

        foreach (CustomAttributeHandle attribute in _reader.GetModuleDefinition().GetCustomAttributes())
        {
            ScanAttribute(attribute);
        }
    }

    private void ScanType(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _reader.GetTypeDefinition(handle);
        string name = NameOf(handle);
        _at = name;
        if (!type.BaseType.IsNil)
        {
            ScanEntity(type.BaseType);
        }

        foreach (InterfaceImplementationHandle implemented in type.GetInterfaceImplementations())
        {
            ScanEntity(_reader.GetInterfaceImplementation(implemented).Interface);
        }

        ScanAttributes(type.GetCustomAttributes());
        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            ScanField(name, field);
        }

        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            ScanMethod(name, method);
        }
    }

    private void ScanField(string type, FieldDefinitionHandle handle)
    {
        FieldDefinition field = _reader.GetFieldDefinition(handle);
        string name = _reader.GetString(field.Name);
        _at = type + "." + name;
        ScanAttributes(field.GetCustomAttributes());
        string fieldType = Decode(() => field.DecodeSignature(_types, null));
        FieldAttributes attributes = field.Attributes;
        if ((attributes & FieldAttributes.Static) == 0 || (attributes & (FieldAttributes.Literal | FieldAttributes.HasFieldRVA)) != 0)
        {
            return;
        }

        if ((attributes & FieldAttributes.InitOnly) == 0)
        {
            Refuse("static mutable field " + name, "state lives in fields of the strategy that Visit hands over");
        }
        else if (!IsConstant(fieldType))
        {
            Refuse(
                $"static field {name} of {fieldType}",
                "what it points to can change; state lives in fields of the strategy that Visit hands over");
        }
    }

    /// <summary>Static values that cannot change once they are set.</summary>
    private static bool IsConstant(string type) =>
        type is "System.Boolean" or "System.Byte" or "System.SByte" or "System.Int16" or "System.UInt16" or "System.Int32"
            or "System.UInt32" or "System.Int64" or "System.UInt64" or "System.Double" or "System.Single" or "System.Char"
            or "System.String" or "System.Int128" or "System.UInt128" or "LowLatency.Core.Signals.ParameterSchema"
            or "LowLatency.Core.Signals.ParameterDefinition" or "LowLatency.Core.Signals.ParameterOrder"
            or "LowLatency.Core.Signals.TimeframeRole";

    private void ScanMethod(string type, MethodDefinitionHandle handle)
    {
        MethodDefinition method = _reader.GetMethodDefinition(handle);
        string name = _reader.GetString(method.Name);
        _at = type + "." + name;
        ScanAttributes(method.GetCustomAttributes());
        Decode(() => method.DecodeSignature(_types, null).ReturnType);
        if ((method.Attributes & MethodAttributes.PinvokeImpl) != 0)
        {
            Refuse("native code", "only what can be read can be allowed");
        }

        if (name == "Finalize")
        {
            Refuse("a finaliser", "when a finaliser runs is up to the collector");
        }

        if (type == "<Module>")
        {
            Refuse("a module initialiser", "nothing of a strategy runs before it is made");
        }

        if (method.RelativeVirtualAddress == 0)
        {
            if ((method.Attributes & MethodAttributes.Abstract) == 0)
            {
                Refuse("a method without a body", "only what can be read can be allowed");
            }

            return;
        }

        _inHelper = ScanRules.IsWrittenHelper(type, name);
        ScanBody(
            _image.GetMethodBody(method.RelativeVirtualAddress),
            IsWritten(name) && IsByCompiler(method.GetCustomAttributes()));
        _inHelper = false;
    }

    /// <summary>Names of the members that the compiler writes for a record.</summary>
    private static bool IsWritten(string name) => name is "ToString" or "PrintMembers" or "GetHashCode" or "Equals";

    private bool IsByCompiler(CustomAttributeHandleCollection attributes)
    {
        foreach (CustomAttributeHandle handle in attributes)
        {
            EntityHandle constructor = _reader.GetCustomAttribute(handle).Constructor;
            if (constructor.Kind == HandleKind.MemberReference
                && NameOf(_reader.GetMemberReference((MemberReferenceHandle)constructor).Parent)
                    == "System.Runtime.CompilerServices.CompilerGeneratedAttribute")
            {
                return true;
            }
        }

        return false;
    }

    private void ScanBody(MethodBodyBlock body, bool ofRecord)
    {
        if (!body.LocalSignature.IsNil)
        {
            if (!body.LocalVariablesInitialized)
            {
                Refuse("locals that are not cleared", "what was in memory before is no input");
            }

            Decode(() =>
            {
                _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_types, null);
                return string.Empty;
            });
        }

        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            if (region.Kind is ExceptionRegionKind.Catch or ExceptionRegionKind.Filter)
            {
                Refuse("a catch block", "a broken invariant stops the engine and is never swallowed");
            }
        }

        IlReader code = new(body.GetILReader());
        while (code.Next())
        {
            switch (code.Code)
            {
                case ILOpCode.Calli or ILOpCode.Cpblk or ILOpCode.Initblk or ILOpCode.Localloc or ILOpCode.Jmp
                    or ILOpCode.Arglist or ILOpCode.Mkrefany or ILOpCode.Refanyval:
                    Refuse("the instruction " + code.Code, "it is not memory safe");
                    break;
                default:
                    if (!code.Token.IsNil)
                    {
                        ScanEntity(code.Token, ofRecord);
                    }

                    break;
            }
        }
    }

    private void ScanAttributes(CustomAttributeHandleCollection attributes)
    {
        foreach (CustomAttributeHandle attribute in attributes)
        {
            ScanAttribute(attribute);
        }
    }

    private void ScanAttribute(CustomAttributeHandle attribute)
    {
        EntityHandle constructor = _reader.GetCustomAttribute(attribute).Constructor;
        if (constructor.Kind == HandleKind.MemberReference)
        {
            string type = NameOf(_reader.GetMemberReference((MemberReferenceHandle)constructor).Parent);
            Refuse(type, ScanRules.RefusalOf(type));
        }
    }

    private void ScanEntity(EntityHandle handle, bool ofRecord = false)
    {
        switch (handle.Kind)
        {
            case HandleKind.TypeReference:
                Mention(SignatureTypes.NameOf(_reader, (TypeReferenceHandle)handle), ofRecord);
                break;
            case HandleKind.TypeSpecification:
                NamesOf((TypeSpecificationHandle)handle, ofRecord);
                break;
            case HandleKind.MemberReference:
                ScanMember(_reader.GetMemberReference((MemberReferenceHandle)handle), ofRecord);
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification generic = _reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                Decode(
                    () =>
                    {
                        generic.DecodeSignature(_types, null);
                        return string.Empty;
                    },
                    ofRecord);
                ScanEntity(generic.Method, ofRecord);
                break;
            case HandleKind.MethodDefinition:
                string own = _reader.GetString(_reader.GetMethodDefinition((MethodDefinitionHandle)handle).Name);
                Refuse(own, ofRecord ? null : ScanRules.RefusalOfOwn(own));
                break;
        }
    }

    private void ScanMember(in MemberReference member, bool ofRecord)
    {
        string name = _reader.GetString(member.Name);
        if (member.Parent.Kind == HandleKind.TypeSpecification)
        {
            NamesOf((TypeSpecificationHandle)member.Parent, ofRecord);
        }

        string type = NameOf(member.Parent);
        if (type is "array" or "parameter" or SignatureTypes.Pointer || (_inHelper && ScanRules.IsOfWrittenHelper(type, name)))
        {
            return;
        }

        if (IsOwn(member.Parent))
        {
            Refuse(type + "::" + name, ofRecord ? null : ScanRules.RefusalOfOwn(name));
            return;
        }

        bool helper = ofRecord && (ScanRules.IsRecordHelper(type) || name is "ToString" or "GetHashCode" or "Equals" or "PrintMembers");
        Refuse(type + "::" + name, helper ? null : ScanRules.RefusalOf(type, name));
        MemberReference copy = member;
        Decode(
            () => copy.GetKind() == MemberReferenceKind.Method
                ? copy.DecodeMethodSignature(_types, null).ReturnType
                : copy.DecodeFieldSignature(_types, null),
            ofRecord,
            pointersToo: type != "System.Object" && type != "LowLatency.Core.Signals.Strategy");
    }

    /// <summary>A generic type of our own, instantiated: its members are scanned where they are written.</summary>
    private bool IsOwn(EntityHandle parent)
    {
        if (parent.Kind == HandleKind.TypeDefinition)
        {
            return true;
        }

        if (parent.Kind != HandleKind.TypeSpecification)
        {
            return false;
        }

        string name = NameOf(parent);
        foreach (TypeDefinitionHandle handle in _reader.TypeDefinitions)
        {
            if (SignatureTypes.NameOf(_reader, handle) == name)
            {
                return true;
            }
        }

        return false;
    }

    private string NameOf(EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeDefinition => NameOf((TypeDefinitionHandle)handle),
        HandleKind.TypeReference => SignatureTypes.NameOf(_reader, (TypeReferenceHandle)handle),
        HandleKind.TypeSpecification =>
            _reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(new SignatureTypes(), null),
        _ => "array",
    };

    /// <summary>Name of a type with those around it: what a person looks for.</summary>
    private string NameOf(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _reader.GetTypeDefinition(handle);
        string name = _reader.GetString(type.Name);
        if (!type.GetDeclaringType().IsNil)
        {
            return NameOf(type.GetDeclaringType()) + "." + name;
        }

        string space = _reader.GetString(type.Namespace);
        return space.Length == 0 ? name : space + "." + name;
    }

    private void NamesOf(TypeSpecificationHandle handle, bool ofRecord) =>
        Decode(() => _reader.GetTypeSpecification(handle).DecodeSignature(_types, null), ofRecord);

    private void Mention(string type, bool ofRecord)
    {
        if (!(ofRecord && ScanRules.IsRecordHelper(type)))
        {
            Refuse(type, ScanRules.RefusalOf(type));
        }
    }

    /// <summary>Decodes a signature and judges every type in it.</summary>
    private string Decode(Func<string> decode, bool ofRecord = false, bool pointersToo = true)
    {
        _types.Clear();
        string result = decode();
        foreach (string type in _types.Seen)
        {
            if (type == SignatureTypes.Pointer)
            {
                Refuse("a pointer", pointersToo ? "it is not memory safe" : null);
            }
            else
            {
                Mention(type, ofRecord);
            }
        }

        return result;
    }
}
