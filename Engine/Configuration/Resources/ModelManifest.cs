using System;
using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Security.Cryptography;
using System.Text.Json;
using LowLatency.Core.Arbitration.Gates;
using LowLatency.Core.Signals.Models;

namespace LowLatency.Engine.Configuration.Resources;

/// <summary>
/// A model manifest: which files hold the models of the barrier gate, what their bytes hash to, and which features in
/// which order, unit and range they were made for. What is resolved is a bundle of the manifest and the files, byte for
/// byte, so the same checks are made again wherever it is read.
/// </summary>
internal sealed class ModelManifest : ResourceKind
{
    private const long Millisecond = 1_000_000;
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";
    private const string Peak = "peak";
    private const string Valley = "valley";

    private static readonly GroupOption Schema = new(
        "manifest",
        [
            new IntegerOption("timeframeMs", 100, 86_400_000, null, "ms", "Length of the bars that the features look at."),
            new ListOption(
                "features",
                new GroupOption(
                    "feature",
                    [
                        new TextOption("name", "abcdefghijklmnopqrstuvwxyz0123456789-", "[a-z0-9-]", 32, null, "Name."),
                        new ChoiceOption("unit", ["ppm"], null, "Unit."),
                        new IntegerOption("minimum", -1_000_000_000, 1_000_000_000, null, "ppm", "Least value."),
                        new IntegerOption("maximum", -1_000_000_000, 1_000_000_000, null, "ppm", "Greatest value."),
                    ],
                    "A feature."),
                1,
                BarrierGate.FeaturesMax,
                "name",
                "The inputs, in their order."),
            new ListOption(
                "models",
                new GroupOption(
                    "model",
                    [
                        new ChoiceOption("target", [Peak, Valley], null, "What it predicts."),
                        new TextOption("file", Letters + Digits + "._/-", "[A-Za-z0-9._/-]", 200, null, "File, from the manifest's folder."),
                        new TextOption("sha256", Digits + "abcdef", "[0-9a-f]", 64, null, "SHA-256 of the file."),
                    ],
                    "A model."),
                2,
                2,
                "target",
                "One model for each target."),
        ],
        "A model manifest.");

    /// <inheritdoc/>
    public override string Noun => "a model manifest";

    /// <inheritdoc/>
    public override string? Problem(byte[] content) => Read(content, out string problem) is null ? problem : null;

    /// <inheritdoc/>
    public override ResourceReading Load(string path)
    {
        byte[] text = File.ReadAllBytes(path);
        GroupSetting? manifest = Parse(text, out string problem);
        if (manifest is null)
        {
            return ResourceReading.Refused(problem);
        }

        ArrayBufferWriter<byte> bundle = new();
        using (Utf8JsonWriter writer = new(bundle))
        {
            writer.WriteStartObject();
            writer.WriteBase64String("manifest", text);
            foreach (Setting setting in manifest.List("models"))
            {
                GroupSetting model = (GroupSetting)setting;
                string file = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, model.Text("file"));
                if (!File.Exists(file))
                {
                    return ResourceReading.Refused($"{model.Path}.file: there is no file {file}");
                }

                writer.WriteBase64String(model.Text("target"), File.ReadAllBytes(file));
            }

            writer.WriteEndObject();
        }

        return new ResourceReading(bundle.WrittenSpan.ToArray(), string.Empty);
    }

    /// <summary>Reads a bundle and checks everything that the manifest says.</summary>
    /// <returns>Null and a problem that names what is wrong.</returns>
    internal static BarrierModels? Read(byte[] bundle, out string problem)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(bundle);
            JsonElement root = document.RootElement;
            GroupSetting? manifest = Parse(root.GetProperty("manifest").GetBytesFromBase64(), out problem);
            if (manifest is null || Features(manifest, out ImmutableArray<string> names, out problem) is not { } features)
            {
                return null;
            }

            ProbabilityModel? peak = Model(manifest, root, Peak, names, out ModelIdentity peakFile, out problem);
            if (peak is null)
            {
                return null;
            }

            ProbabilityModel? valley = Model(manifest, root, Valley, names, out ModelIdentity valleyFile, out problem);
            return valley is null
                ? null
                : new BarrierModels(
                    manifest.Number("timeframeMs") * Millisecond, names, features, peak, valley, [peakFile, valleyFile]);
        }
        catch (Exception strange) when (strange
            is JsonException or FormatException or InvalidOperationException or System.Collections.Generic.KeyNotFoundException)
        {
            problem = "it is no bundle of a manifest and its models: " + strange.Message;
            return null;
        }
    }

    private static GroupSetting? Parse(byte[] text, out string problem)
    {
        ConfigurationReader reader = new("manifest", directory: null);
        GroupSetting? manifest = reader.ReadFile(Schema, text);
        problem = string.Join("; ", reader.Problems);
        return manifest is null || reader.Problems.Length > 0 ? null : manifest;
    }

    private static ImmutableArray<Feature>? Features(
        GroupSetting manifest, out ImmutableArray<string> names, out string problem)
    {
        ImmutableArray<string>.Builder known = ImmutableArray.CreateBuilder<string>();
        ImmutableArray<Feature>.Builder features = ImmutableArray.CreateBuilder<Feature>();
        problem = string.Empty;
        names = [];
        foreach (Setting setting in manifest.List("features"))
        {
            GroupSetting feature = (GroupSetting)setting;
            string name = feature.Text("name");
            if (!TryName(name, out FeatureKind kind, out int bars))
            {
                problem = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{feature.Path}.name: {name}: must be imbalance, spread, or one of return-n, volatility-n, high-n, low-n with n from 1 to {Feature.BarsMax}");
                return null;
            }

            if (feature.Number("minimum") >= feature.Number("maximum"))
            {
                problem = $"{feature.Path}.minimum: must be less than maximum";
                return null;
            }

            known.Add(name);
            features.Add(new Feature(kind, bars, feature.Number("minimum"), feature.Number("maximum")));
        }

        names = known.ToImmutable();
        return features.ToImmutable();
    }

    private static bool TryName(string name, out FeatureKind kind, out int bars)
    {
        bars = 0;
        int dash = name.IndexOf('-', StringComparison.Ordinal);
        kind = (dash < 0 ? name : name[..dash]) switch
        {
            "return" => FeatureKind.Return,
            "volatility" => FeatureKind.Volatility,
            "high" => FeatureKind.High,
            "low" => FeatureKind.Low,
            "imbalance" => FeatureKind.Imbalance,
            "spread" => FeatureKind.Spread,
            _ => FeatureKind.None,
        };
        bool hasBars = dash > 0
            && int.TryParse(name[(dash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out bars)
            && bars is >= 1 and <= Feature.BarsMax
            && name[dash + 1] != '0';
        return kind != FeatureKind.None && (Feature.NeedsBars(kind) ? hasBars : dash < 0);
    }

    private static ProbabilityModel? Model(
        GroupSetting manifest,
        JsonElement root,
        string target,
        ImmutableArray<string> features,
        out ModelIdentity identity,
        out string problem)
    {
        GroupSetting? told = null;
        foreach (Setting setting in manifest.List("models"))
        {
            told = string.Equals(((GroupSetting)setting).Text("target"), target, StringComparison.Ordinal)
                ? (GroupSetting)setting
                : told;
        }

        byte[] file = root.GetProperty(target).GetBytesFromBase64();
        string name = told!.Text("file");
        string hash = Convert.ToHexStringLower(SHA256.HashData(file));
        identity = new ModelIdentity(target, name, hash);
        if (!string.Equals(hash, told.Text("sha256"), StringComparison.Ordinal))
        {
            problem = $"{name}: its SHA-256 is {hash}, the manifest says {told.Text("sha256")}";
            return null;
        }

        ProbabilityModel? model = ModelFile.Read(file, target, features, out string wrong);
        problem = model is null ? $"{name}: {wrong}" : string.Empty;
        return model;
    }
}
