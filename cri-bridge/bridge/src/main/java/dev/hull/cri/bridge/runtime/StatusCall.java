package dev.hull.cri.bridge.runtime;

import com.google.gson.Gson;
import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.namespace.UserNamespaces;
import dev.hull.cri.v1.RuntimeCondition;
import dev.hull.cri.v1.RuntimeFeatures;
import dev.hull.cri.v1.RuntimeHandler;
import dev.hull.cri.v1.RuntimeHandlerFeatures;
import dev.hull.cri.v1.RuntimeStatus;
import dev.hull.cri.v1.StatusRequest;
import dev.hull.cri.v1.StatusResponse;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/**
 * The two conditions that a kubelet waits for. Verbose, {@code info["hull"]} is the settings and
 * how many spare machines stand by now.
 */
public final class StatusCall implements Call<StatusRequest, StatusResponse> {
  private static final String SPARES_READY = "templates.spare.ready";

  private final Readiness readiness;
  private final Map<String, String> settings;
  private final IntSupplier spares;

  public StatusCall(Readiness readiness, Map<String, String> settings, IntSupplier spares) {
    this.readiness = readiness;
    this.settings = settings;
    this.spares = spares;
  }

  @Override
  public StatusResponse answer(StatusRequest request) {
    StatusResponse.Builder response =
        StatusResponse.newBuilder()
            .setStatus(
                RuntimeStatus.newBuilder()
                    .addConditions(
                        condition("RuntimeReady", "RuntimeNotReady", readiness.runtimeProblem()))
                    .addConditions(
                        condition("NetworkReady", "NetworkNotReady", readiness.networkProblem())))
            .addRuntimeHandlers(handler(""))
            .addRuntimeHandlers(handler("hull"))
            .setFeatures(RuntimeFeatures.newBuilder().setSupplementalGroupsPolicy(true));
    if (request.getVerbose()) {
      Map<String, String> shown = new TreeMap<>(settings);
      shown.put(SPARES_READY, Integer.toString(spares.getAsInt()));
      response.putInfo("hull", new Gson().toJson(shown));
    }
    return response.build();
  }

  private static RuntimeCondition condition(String type, String reason, Optional<String> problem) {
    return RuntimeCondition.newBuilder()
        .setType(type)
        .setStatus(problem.isEmpty())
        .setReason(problem.isEmpty() ? "" : reason)
        .setMessage(problem.orElse(""))
        .build();
  }

  private static RuntimeHandler handler(String name) {
    return RuntimeHandler.newBuilder()
        .setName(name)
        .setFeatures(
            RuntimeHandlerFeatures.newBuilder()
                .setRecursiveReadOnlyMounts(true)
                .setUserNamespaces(UserNamespaces.hostHasThem()))
        .build();
  }
}
