package dev.hull.cri.bridge.store;

import java.util.List;

/**
 * Is told what happens to sandboxes and containers, after it has happened. It must not block. The
 * same may be told twice, and the end of a short container before its start.
 */
public interface PodListener {
  PodListener NONE =
      new PodListener() {
        @Override
        public void created(Sandbox sandbox) {}

        @Override
        public void stopped(Sandbox sandbox, List<Container> containers) {}

        @Override
        public void deleted(Sandbox sandbox) {}

        @Override
        public void created(Container container) {}

        @Override
        public void started(Container container) {}

        @Override
        public void stopped(Container container) {}

        @Override
        public void deleted(Container container) {}
      };

  /** It runs. */
  void created(Sandbox sandbox);

  /** It has ended, and these with it that had not before. */
  void stopped(Sandbox sandbox, List<Container> containers);

  void deleted(Sandbox sandbox);

  void created(Container container);

  void started(Container container);

  void stopped(Container container);

  void deleted(Container container);
}
