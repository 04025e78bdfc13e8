package dev.hull.cri.bridge.runtime;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.v1.CgroupDriver;
import dev.hull.cri.v1.LinuxRuntimeConfiguration;
import dev.hull.cri.v1.RuntimeConfigRequest;
import dev.hull.cri.v1.RuntimeConfigResponse;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Which cgroup driver a kubelet should use beside us: the host's own, for containers' cgroups are
 * in the guests and none of ours are on the host.
 */
public final class RuntimeConfigCall implements Call<RuntimeConfigRequest, RuntimeConfigResponse> {
  private final CgroupDriver driver;

  /** systemd is the host's init if {@code marker} exists (sd_booted(3)). */
  public RuntimeConfigCall(Path marker) {
    this.driver = Files.isDirectory(marker) ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
  }

  @Override
  public RuntimeConfigResponse answer(RuntimeConfigRequest request) {
    return RuntimeConfigResponse.newBuilder()
        .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(driver))
        .build();
  }
}
