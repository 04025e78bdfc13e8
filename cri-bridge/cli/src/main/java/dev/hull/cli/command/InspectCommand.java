package dev.hull.cli.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import dev.hull.cli.cri.Cri;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.ContainerStatusResponse;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxStatusRequest;
import dev.hull.cri.v1.PodSandboxStatusResponse;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** hull inspect. */
@Command(
    name = "inspect",
    description = "Print everything that the daemon knows of a pod and its containers, as JSON.")
final class InspectCommand implements Callable<Integer> {
  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(paramLabel = "POD", description = "Name, namespace/name, or (beginning of an) id.")
  String pod = "";

  InspectCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws UserException, InvalidProtocolBufferException {
    try (Cri cri = daemon.connect(context)) {
      Lookup lookup = new Lookup(cri, daemon.supervised());
      PodSandbox found = lookup.pod(pod);
      PodSandboxStatusRequest request =
          PodSandboxStatusRequest.newBuilder()
              .setPodSandboxId(found.getId())
              .setVerbose(true)
              .build();
      PodSandboxStatusResponse status =
          cri.runtime(Cri.QUICK, stub -> stub.podSandboxStatus(request));
      JsonObject root = new JsonObject();
      root.add("status", json(status.getStatus()));
      root.add("info", info(status.getInfoMap()));
      JsonArray containers = new JsonArray();
      for (Container container : lookup.containers(found)) {
        ContainerStatusRequest one =
            ContainerStatusRequest.newBuilder()
                .setContainerId(container.getId())
                .setVerbose(true)
                .build();
        ContainerStatusResponse response =
            cri.runtime(Cri.QUICK, stub -> stub.containerStatus(one));
        JsonObject entry = new JsonObject();
        entry.add("status", json(response.getStatus()));
        entry.add("info", info(response.getInfoMap()));
        containers.add(entry);
      }
      root.add("containers", containers);
      context.terminal().out().println(OutputOption.render(root));
      return ExitCodes.OK;
    }
  }

  private static JsonElement json(MessageOrBuilder message) throws InvalidProtocolBufferException {
    return JsonParser.parseString(
        JsonFormat.printer().alwaysPrintFieldsWithNoPresence().print(message));
  }

  /** CRI's info is text, but most runtimes write JSON into it: shown as what it is. */
  private static JsonObject info(Map<String, String> info) {
    JsonObject object = new JsonObject();
    info.forEach(
        (key, value) -> {
          try {
            object.add(key, JsonParser.parseString(value));
          } catch (JsonParseException e) {
            object.addProperty(key, value);
          }
        });
    return object;
  }
}
