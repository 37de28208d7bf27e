namespace LowLatency.Journal.Import;

/// <summary>How far an import is: enough for a progress bar.</summary>
/// <param name="BytesRead">Bytes of the files on disk (compressed) that have been read.</param>
/// <param name="BytesTotal">Bytes of the files on disk.</param>
/// <param name="Lines">Lines of text read.</param>
/// <param name="Events">Events delivered.</param>
public readonly record struct ImportProgress(long BytesRead, long BytesTotal, long Lines, long Events)
{
    /// <summary>0 to 1; 1 when there is nothing to read.</summary>
    public double Fraction => BytesTotal == 0 ? 1 : (double)BytesRead / BytesTotal;
}
