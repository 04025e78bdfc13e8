package dev.hull.cli.command;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.terminal.Amounts;
import dev.hull.cli.terminal.Table;
import dev.hull.cri.v1.Container;
import dev.hull.cri.v1.ContainerState;
import dev.hull.cri.v1.PodSandbox;
import dev.hull.cri.v1.PodSandboxState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** hull ps. */
@Command(name = "ps", description = "List pods and their containers.")
final class PsCommand implements Callable<Integer> {
  private final Context context;
  @Mixin DaemonOption daemon = new DaemonOption();
  @Mixin OutputOption output = new OutputOption();

  PsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    try (Cri cri = daemon.connect(context)) {
      Lookup lookup = new Lookup(cri);
      List<PodSandbox> pods = lookup.pods();
      if (output.json()) {
        context.terminal().out().println(OutputOption.render(json(lookup, pods)));
      } else {
        context.terminal().out().print(table(lookup, pods));
      }
      return ExitCodes.OK;
    }
  }

  private String table(Lookup lookup, List<PodSandbox> pods) {
    Table table =
        new Table("POD ID", "NAMESPACE", "POD", "POD STATE", "CONTAINER", "STATE", "IMAGE", "AGE");
    Map<String, List<Container>> all = lookup.containersOfPods();
    for (PodSandbox pod : pods) {
      List<Container> containers = all.getOrDefault(pod.getId(), List.of());
      if (containers.isEmpty()) {
        row(table, pod, "-", "-", "-", pod.getCreatedAt());
      }
      for (Container container : containers) {
        row(
            table,
            pod,
            container.getMetadata().getName(),
            state(lookup, container),
            image(container),
            container.getCreatedAt());
      }
    }
    return table.render();
  }

  private void row(
      Table table, PodSandbox pod, String name, String state, String image, long createdAtNanos) {
    Duration age = Duration.between(instant(createdAtNanos), context.clock().instant());
    table.row(
        Lookup.shortId(pod.getId()),
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        ready(pod) ? "Ready" : "NotReady",
        name,
        state,
        image,
        Amounts.age(age));
  }

  private static JsonObject json(Lookup lookup, List<PodSandbox> pods) {
    JsonArray items = new JsonArray();
    Map<String, List<Container>> all = lookup.containersOfPods();
    for (PodSandbox pod : pods) {
      JsonObject item = new JsonObject();
      item.addProperty("id", pod.getId());
      item.addProperty("name", pod.getMetadata().getName());
      item.addProperty("namespace", pod.getMetadata().getNamespace());
      item.addProperty("uid", pod.getMetadata().getUid());
      item.addProperty("ready", ready(pod));
      item.addProperty("createdAt", instant(pod.getCreatedAt()).toString());
      JsonArray containers = new JsonArray();
      for (Container container : all.getOrDefault(pod.getId(), List.of())) {
        JsonObject entry = new JsonObject();
        entry.addProperty("id", container.getId());
        entry.addProperty("name", container.getMetadata().getName());
        entry.addProperty("image", image(container));
        entry.addProperty("state", name(container.getState()));
        if (container.getState() == ContainerState.CONTAINER_EXITED) {
          entry.addProperty("exitCode", lookup.status(container).getExitCode());
        }
        entry.addProperty("createdAt", instant(container.getCreatedAt()).toString());
        containers.add(entry);
      }
      item.add("containers", containers);
      items.add(item);
    }
    JsonObject root = new JsonObject();
    root.add("pods", items);
    return root;
  }

  private static String state(Lookup lookup, Container container) {
    return container.getState() == ContainerState.CONTAINER_EXITED
        ? "Exited (" + lookup.status(container).getExitCode() + ")"
        : name(container.getState());
  }

  private static String name(ContainerState state) {
    return switch (state) {
      case CONTAINER_CREATED -> "Created";
      case CONTAINER_RUNNING -> "Running";
      case CONTAINER_EXITED -> "Exited";
      case CONTAINER_UNKNOWN, UNRECOGNIZED -> "Unknown";
    };
  }

  private static String image(Container container) {
    String given = container.getImage().getUserSpecifiedImage();
    return given.isEmpty() ? container.getImage().getImage() : given;
  }

  private static boolean ready(PodSandbox pod) {
    return pod.getState() == PodSandboxState.SANDBOX_READY;
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }
}
