package dev.hull.cli.life;

import dev.hull.cli.action.Network;
import dev.hull.cli.config.Facts;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.kubelet.ImagePuller;
import dev.hull.cli.kubelet.Mounts;
import dev.hull.cli.kubelet.Time;
import dev.hull.cli.kubelet.Timeline;
import dev.hull.cli.objects.Objects;
import dev.hull.cli.registry.Keyring;
import dev.hull.cri.v1.DNSConfig;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What every pod's life needs from outside.
 *
 * @param clock what people are told
 * @param tasks runs probes and hooks, which wait for containers
 * @param root where the pods' folders are
 * @param claims where the claims' folders are
 * @param host what is known before there is a pod; its uid is nobody's
 * @param complaints hears, a sentence each, what went wrong without stopping anything
 * @param patient whether what Kubernetes would try again is tried again; else it ends the pod
 */
public record Surroundings(
    Cri cri,
    Time time,
    InstantSource clock,
    Executor tasks,
    Network network,
    Mounts mounts,
    Objects objects,
    ImagePuller puller,
    Keyring keyring,
    Timeline timeline,
    Path root,
    Path claims,
    DNSConfig dns,
    Facts host,
    Neighbourhood neighbourhood,
    Consumer<String> complaints,
    boolean patient) {}
