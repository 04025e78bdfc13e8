package dev.hull.agent.container;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.process.Launcher;
import java.time.InstantSource;

/** What every container is made with. */
record ContainerParts(
    Launcher launcher,
    Descriptors descriptors,
    Cgroups cgroups,
    RootFilesystems roots,
    ProcessPlan plan,
    RootFiles files,
    PodNamespaces namespaces,
    Cgroup.SignalSender signals,
    InstantSource clock) {}
