using System.Collections.Generic;
using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace LowLatency.Engine.Strategies;

/// <summary>
/// Names the types of a signature; a pointer, a pinned local or a function pointer is noted on the way.
/// </summary>
internal sealed class SignatureTypes : ISignatureTypeProvider<string, object?>
{
    internal const string Pointer = "pointer";

    private readonly List<string> _seen = [];

    /// <summary>Types seen since the last <see cref="Clear"/>; <see cref="Pointer"/> for unsafe ones.</summary>
    internal IReadOnlyList<string> Seen => _seen;

    internal void Clear() => _seen.Clear();

    /// <summary>Full name of a defined type; a nested one is named by its outermost.</summary>
    internal static string NameOf(MetadataReader reader, TypeDefinitionHandle handle)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = reader.GetTypeDefinition(type.GetDeclaringType());
        }

        return Join(reader.GetString(type.Namespace), reader.GetString(type.Name));
    }

    /// <summary>Full name of a referenced type; a nested one is named by its outermost.</summary>
    internal static string NameOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        TypeReference type = reader.GetTypeReference(handle);
        while (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            type = reader.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
        }

        return Join(reader.GetString(type.Namespace), reader.GetString(type.Name));
    }

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
        NameOf(reader, handle);

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
        Note(NameOf(reader, handle));

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
    {
        PrimitiveTypeCode.TypedReference => Note(Pointer),
        _ => "System." + typeCode,
    };

    public string GetTypeFromSpecification(
        MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => genericType;

    public string GetSZArrayType(string elementType) => "array";

    public string GetArrayType(string elementType, ArrayShape shape) => "array";

    public string GetByReferenceType(string elementType) => elementType;

    public string GetPointerType(string elementType) => Note(Pointer);

    public string GetPinnedType(string elementType) => Note(Pointer);

    public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

    public string GetFunctionPointerType(MethodSignature<string> signature) => Note(Pointer);

    public string GetGenericMethodParameter(object? genericContext, int index) => "parameter";

    public string GetGenericTypeParameter(object? genericContext, int index) => "parameter";

    private static string Join(string space, string name) => space.Length == 0 ? name : space + "." + name;

    private string Note(string type)
    {
        _seen.Add(type);
        return type;
    }
}
