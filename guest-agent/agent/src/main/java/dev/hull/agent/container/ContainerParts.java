package dev.hull.agent.container;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.process.Launcher;
import dev.hull.agent.stats.FileSystems;
import java.time.InstantSource;

/** What every container is made with. */
record ContainerParts(
    Launcher launcher,
    Descriptors descriptors,
    Cgroups cgroups,
    RootFilesystems roots,
    Volumes volumes,
    ProcessPlan plan,
    RootFiles files,
    FileSystems fileSystems,
    PodNamespaces namespaces,
    Cgroup.SignalSender signals,
    OomScores oomScores,
    InstantSource clock) {}
