package dev.hull.cri.bridge.runtime;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.UpdateRuntimeConfigRequest;
import dev.hull.cri.v1.UpdateRuntimeConfigResponse;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's range of pod addresses. It is checked, logged, and has no other effect: pods get their
 * addresses from the CNI configuration, which is there before any pod and says its own range.
 */
public final class UpdateRuntimeConfigCall
    implements Call<UpdateRuntimeConfigRequest, UpdateRuntimeConfigResponse> {
  private static final Logger LOG = LoggerFactory.getLogger(UpdateRuntimeConfigCall.class);
  private static final Pattern CIDR = Pattern.compile("[0-9a-fA-F.:]{2,45}/[0-9]{1,3}");

  @Override
  public UpdateRuntimeConfigResponse answer(UpdateRuntimeConfigRequest request) {
    String ranges = request.getRuntimeConfig().getNetworkConfig().getPodCidr();
    if (ranges.isEmpty()) {
      return UpdateRuntimeConfigResponse.getDefaultInstance();
    }
    // A node with two families has two, by a comma.
    for (String range : ranges.split(",", -1)) {
      if (!CIDR.matcher(range.strip()).matches()) {
        throw Refusal.invalid(
            "runtime_config.network_config.pod_cidr must be ranges as in 10.1.0.0/24: " + ranges);
      }
    }
    LOG.atInfo()
        .addKeyValue("pod_cidr", ranges)
        .log("the node's range of pod addresses; the CNI configuration decides about addresses");
    return UpdateRuntimeConfigResponse.getDefaultInstance();
  }
}
