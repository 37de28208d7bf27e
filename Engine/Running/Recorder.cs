using LowLatency.Core.Events;
using LowLatency.Core.Formats;

namespace LowLatency.Engine.Running;
internal sealed class Recorder
{
    private Digest128 _rolling;
    public Digest Rolling { get { var c = _rolling; return c.Finish(); } }
    internal void Append(in Event e) { }
    internal void Audit(in Event e, in Decision d) => DecisionDigest.Add(ref _rolling, e, d);
    internal bool IsSafe(long sequence) => true;
}
