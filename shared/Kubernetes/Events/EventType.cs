namespace ClusterTrust.Kubernetes.Events;

/// <summary>The two types an Event may have.</summary>
public enum EventType
{
    /// <summary>Something went as it should.</summary>
    Normal,

    /// <summary>Somebody should look.</summary>
    Warning,
}
