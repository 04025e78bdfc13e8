package dev.hull.vm.libvirt;

import dev.hull.vm.hypervisor.ConsoleLog;
import dev.hull.vm.hypervisor.DomainSpec;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a guest's serial console into its log until QEMU closes it. While nobody reads, QEMU throws
 * the guest's output away; so it never grows, and a guest that floods it only slows itself.
 */
final class ConsoleReader implements AutoCloseable {
  private static final int BUFFER_BYTES = 8192;
  private static final Logger log = LoggerFactory.getLogger(ConsoleReader.class);

  private final DomainSpec.Console console;
  private final SocketChannel channel;
  private final Thread thread;

  ConsoleReader(DomainSpec.Console console) throws IOException {
    this.console = console;
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(console.socket()));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    thread = Thread.ofVirtual().name("hull-console").start(this::run);
  }

  private void run() {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    try (channel;
        ConsoleLog sink = new ConsoleLog(console.log())) {
      while (channel.read(buffer) >= 0) {
        buffer.flip();
        sink.append(buffer);
        buffer.clear();
      }
    } catch (java.nio.channels.ClosedChannelException e) {
      // We have been closed.
    } catch (IOException | RuntimeException e) {
      log.atWarn().addKeyValue("log", console.log()).setCause(e).log("the console is read no more");
    }
  }

  /**
   * Waits until QEMU has closed the console and all of it is in the log; gives up after a while.
   */
  void drain(Duration patience) throws InterruptedException {
    var _ = thread.join(patience);
  }

  @Override
  public void close() {
    try {
      channel.close();
      thread.join(Duration.ofSeconds(1));
    } catch (IOException e) {
      log.debug("closing a console", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
