using System;

namespace LowLatency.Core.Signals;

/// <summary>
/// A field that a strategy works out again from what <see cref="Strategy.Visit"/> hands over and from what it is told next: a
/// shortcut, no state. It changes how long a decision takes and never the decision, so it may be empty after a restore.
/// </summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class DerivedAttribute : Attribute;
