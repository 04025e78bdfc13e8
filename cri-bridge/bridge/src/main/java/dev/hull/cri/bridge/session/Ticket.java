package dev.hull.cri.bridge.session;

import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import java.util.List;

/** What whoever has a token may do, once. */
public sealed interface Ticket {
  /** The first part of the URL's path. */
  String verb();

  /** False if what it is about has been removed since. */
  boolean holds(Pods pods);

  /** To run a command. */
  record Exec(Container container, List<String> command, Wanted wanted) implements Ticket {
    public Exec {
      command = List.copyOf(command);
    }

    @Override
    public String verb() {
      return "exec";
    }

    @Override
    public boolean holds(Pods pods) {
      return isThere(pods, container);
    }
  }

  /** To join a container's first process. */
  record Attach(Container container, Wanted wanted) implements Ticket {
    @Override
    public String verb() {
      return "attach";
    }

    @Override
    public boolean holds(Pods pods) {
      return isThere(pods, container);
    }
  }

  /** To connect to ports; those of the list are all that a WebSocket without a tunnel can name. */
  record PortForward(Sandbox sandbox, List<Integer> ports) implements Ticket {
    public PortForward {
      ports = List.copyOf(ports);
    }

    @Override
    public String verb() {
      return "portforward";
    }

    @Override
    public boolean holds(Pods pods) {
      return pods.findSandbox(sandbox.id()).filter(sandbox::equals).isPresent();
    }
  }

  private static boolean isThere(Pods pods, Container container) {
    return pods.findContainer(container.id()).filter(container::equals).isPresent();
  }
}
