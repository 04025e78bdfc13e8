package dev.hull.cri.bridge.session;

import dev.hull.vm.GuestContainer.Input;
import dev.hull.vm.MachineException;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what a client types, and its terminal's sizes, to a process; each on a virtual thread of
 * its own that ends with its stream. A process that does not read its input holds the client back.
 */
final class InputFeed {
  private static final Logger LOG = LoggerFactory.getLogger(InputFeed.class);

  private final String name;
  private final Input process;

  InputFeed(String name, Input process) {
    this.name = name;
    this.process = process;
  }

  /**
   * @param atEnd what is done when the client's input has ended, or the client is gone
   */
  void input(ByteStream from, Runnable atEnd) {
    Thread.ofVirtual().name("stdin-" + name).start(() -> carry(from, atEnd));
  }

  private void carry(ByteStream from, Runnable atEnd) {
    try {
      for (byte[] data = from.read(); data != null; data = from.read()) {
        process.write(data);
      }
    } catch (IOException gone) {
      LOG.atDebug().addKeyValue("id", name).log("the client's input broke off");
    } catch (MachineException e) {
      // The process has closed its input or is over; the client may not know yet.
      LOG.atDebug().addKeyValue("id", name).log(e.getMessage());
      from.discard();
      return;
    }
    try {
      atEnd.run();
    } catch (MachineException e) {
      LOG.atDebug().addKeyValue("id", name).log(e.getMessage());
    }
  }

  void sizes(ByteStream from) {
    Thread.ofVirtual().name("resize-" + name).start(() -> resize(from));
  }

  private void resize(ByteStream from) {
    TerminalSizes sizes = new TerminalSizes(from);
    try {
      Optional<TerminalSizes.Size> size = sizes.next();
      while (size.isPresent()) {
        process.resize(size.get().columns(), size.get().rows());
        size = sizes.next();
      }
    } catch (IOException gone) {
      return;
    } catch (MachineException e) {
      LOG.atDebug().addKeyValue("id", name).log(e.getMessage());
    }
    from.discard();
  }
}
