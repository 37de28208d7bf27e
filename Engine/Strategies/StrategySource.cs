using System.IO;

namespace LowLatency.Engine.Strategies;

/// <summary>Where the assemblies of strategies lie.</summary>
internal interface IStrategySource
{
    /// <summary>Finds an assembly.</summary>
    /// <param name="file">The file, as the configuration names it.</param>
    /// <param name="sha256">The hash that the configuration pins.</param>
    /// <returns>The path to read.</returns>
    string PathOf(string file, string sha256);

    /// <summary>
    /// The folder that other files start from; null when a configuration may hold resolved forms only, as in a journal.
    /// </summary>
    string? Folder { get; }
}

/// <summary>Assemblies by their place relative to a configuration file.</summary>
/// <param name="folder">The folder of the configuration file.</param>
internal sealed class FilesBeside(string folder) : IStrategySource
{
    public string? Folder => folder;

    public string PathOf(string file, string sha256) => Path.GetFullPath(file, folder);
}

/// <summary>
/// Assemblies that a run keeps beside its journal, by their hashes: a run can be replayed when the file it was started with
/// is long gone.
/// </summary>
/// <param name="journal">The journal directory.</param>
internal sealed class KeptWithJournal(string journal) : IStrategySource
{
    private const string FolderName = "strategies";

    public string? Folder => null;

    public string PathOf(string file, string sha256) => PathIn(journal, sha256);

    /// <summary>Keeps the assemblies of a library; what is there already is the same by its name.</summary>
    internal static void Save(string journal, StrategyLibrary library)
    {
        foreach (StrategyAssembly assembly in library.Assemblies)
        {
            string path = PathIn(journal, assembly.Sha256);
            if (File.Exists(path))
            {
                continue;
            }

            Directory.CreateDirectory(Path.Combine(journal, FolderName));
            string partial = path + ".partial";
            File.WriteAllBytes(partial, assembly.Image.AsSpan());
            File.Move(partial, path, overwrite: true);
        }
    }

    private static string PathIn(string journal, string sha256) => Path.Combine(journal, FolderName, sha256 + ".dll");
}
