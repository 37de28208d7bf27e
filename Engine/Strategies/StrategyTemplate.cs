using System;
using System.Collections.Generic;
using System.IO;

namespace LowLatency.Engine.Strategies;

/// <summary>A strategy project to begin with: the example of the documentation under another name.</summary>
internal static class StrategyTemplate
{
    private const string Source = "Breakout.cs";

    /// <summary>Writes the project.</summary>
    /// <param name="folder">A directory that does not exist, or is empty.</param>
    /// <returns>The files.</returns>
    /// <exception cref="IOException">The directory holds something, or its name is no name for a project.</exception>
    internal static IReadOnlyList<string> Write(string folder)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        if (!IsName(name))
        {
            throw new IOException($"{folder}: the name of the directory must be letters and digits and begin with a capital, such as MyIdea");
        }

        if (Directory.Exists(folder) && Directory.GetFileSystemEntries(folder).Length != 0)
        {
            throw new IOException($"{folder}: the directory is not empty");
        }

        Directory.CreateDirectory(folder);
        string type = name.ToLowerInvariant();
        string core = Path.Combine(AppContext.BaseDirectory, ScanRules.Core + ".dll");
        string code = Resource(Source)
            .Replace("namespace Breakout;", $"namespace {name};", StringComparison.Ordinal)
            .Replace("BreakoutStrategy", name + "Strategy", StringComparison.Ordinal)
            .Replace("\"breakout\"", $"\"{type}\"", StringComparison.Ordinal);
        List<string> files =
        [
            Save(folder, name + ".csproj", Project(core)),
            Save(folder, name + ".cs", code),
            Save(folder, "README.md", Steps(name, type)),
        ];
        return files;
    }

    private static string Resource(string name)
    {
        using Stream stream = typeof(StrategyTemplate).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidDataException(name + " is not in the assembly");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private static bool IsName(string name)
    {
        foreach (char character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character))
            {
                return false;
            }
        }

        return name.Length is >= 1 and <= 32 && char.IsAsciiLetterUpper(name[0]);
    }

    private static string Save(string folder, string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static string Project(string core) =>
        $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <Deterministic>true</Deterministic>
            <DebugType>none</DebugType>
          </PropertyGroup>
          <ItemGroup>
            <Reference Include="{ScanRules.Core}" HintPath="{core}" Private="false" />
          </ItemGroup>
        </Project>

        """;

    private static string Steps(string name, string type) =>
        $$"""
        # {{name}}

        1. `dotnet build -c Release`
        2. `lowlatency strategy scan bin/Release/net10.0/{{name}}.dll` prints the SHA-256 and whether the code is accepted.
        3. Name it in the `strategies` of a configuration; `file` is relative to that file:

        ```json
        {
          "name": "{{type}}", "type": "{{type}}", "instruments": ["BTCUSDT"],
          "assembly": { "file": "bin/Release/net10.0/{{name}}.dll", "sha256": "..." },
          "parameters": { "quantity": "0.05" }
        }
        ```

        4. `lowlatency strategy check --config FILE` proves determinism, save and restore, and allocation.

        """;
}
