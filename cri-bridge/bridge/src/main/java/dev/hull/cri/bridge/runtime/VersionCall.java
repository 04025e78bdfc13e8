package dev.hull.cri.bridge.runtime;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.v1.VersionRequest;
import dev.hull.cri.v1.VersionResponse;

/** Who answers. The versions are semantic ones, as CRI wants. */
public final class VersionCall implements Call<VersionRequest, VersionResponse> {
  public static final String RUNTIME = "0.1.0";

  /** Of the kubelet's runtime API since there is one. */
  private static final String KUBELET_API = "0.1.0";

  @Override
  public VersionResponse answer(VersionRequest request) {
    return VersionResponse.newBuilder()
        .setVersion(KUBELET_API)
        .setRuntimeName("hull")
        .setRuntimeVersion(RUNTIME)
        .setRuntimeApiVersion("v1")
        .build();
  }
}
