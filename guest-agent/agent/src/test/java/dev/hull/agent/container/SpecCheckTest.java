package dev.hull.agent.container;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hull.guest.v1.ContainerSpec;
import dev.hull.guest.v1.Mount;
import dev.hull.guest.v1.Resources;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecCheckTest {
  private static void refused(ContainerSpec.Builder spec, String why) {
    assertThatThrownBy(() -> SpecCheck.container(spec.build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void anOrdinaryContainerPasses() {
    assertThatCode(() -> SpecCheck.container(HostAsGuest.shell("true").build()))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "a/b", "A", "a b", "_pause"})
  void idsThatCouldNameSomethingElseAreRefused(String id) {
    assertThatThrownBy(() -> SpecCheck.id(id)).hasMessageStartingWith("an id has 1 to 64 of");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/etc", "..", "volumes/../../etc", "./x"})
  void sharePathsThatLeaveTheShareAreRefused(String path) {
    refused(
        HostAsGuest.shell("true")
            .addMounts(Mount.newBuilder().setSharePath(path).setDestination("/x")),
        "mounts.share_path must be a path below the share");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "/a/../b", "/a/./b"})
  void destinationsThatAreNotPlainAreRefused(String path) {
    refused(
        HostAsGuest.shell("true")
            .addMounts(Mount.newBuilder().setTmpfsBytes(1).setDestination(path)),
        "mounts.destination must be an absolute path");
  }

  @Test
  void theRootCannotBeMountedOver() {
    refused(
        HostAsGuest.shell("true")
            .addMounts(Mount.newBuilder().setTmpfsBytes(1).setDestination("//")),
        "cannot be the root");
  }

  @Test
  void namesAndSizesAreBounded() {
    ContainerSpec.Builder noArgs = HostAsGuest.shell("true");
    noArgs.getProcessBuilder().clearArgs();
    refused(noArgs, "process.args is empty");

    ContainerSpec.Builder badEnv = HostAsGuest.shell("true");
    badEnv.getProcessBuilder().addEnv("NOVALUE");
    refused(badEnv, "process.env is not NAME=value: NOVALUE");

    ContainerSpec.Builder badFilter = HostAsGuest.shell("true");
    badFilter.getProcessBuilder().setSeccompBpf(ByteString.copyFrom(new byte[7]));
    refused(badFilter, "process.seccomp_bpf is no seccomp filter: 7 bytes");

    ContainerSpec.Builder noLayers = HostAsGuest.shell("true");
    noLayers.getRootBuilder().clearLayerPartitions();
    refused(noLayers, "root.layer_partitions must name 1 to 128 layers");

    ContainerSpec.Builder badLimit = HostAsGuest.shell("true");
    badLimit.getProcessBuilder().addRlimitsBuilder().setName("FILES");
    refused(badLimit, "there is no resource limit named FILES");
  }

  @ParameterizedTest
  @CsvSource({
    "cgroup.procs,1",
    "../memory.max,1",
    "memory.max,'1\n2'",
    "memory.max,-1",
    "memory,1"
  })
  void filesThatAreNoLimitsAreRefused(String file, String value) {
    refused(
        HostAsGuest.shell("true").setResources(Resources.newBuilder().putUnified(file, value)),
        "resources.unified: is no ");
  }
}
