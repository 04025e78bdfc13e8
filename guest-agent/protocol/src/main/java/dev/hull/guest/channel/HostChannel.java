package dev.hull.guest.channel;

import java.io.IOException;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** The host's end: connects to a machine's port and shakes hands with its agent. */
public final class HostChannel {
  /** The versions of the guest protocol that this host speaks. */
  static final int MIN_VERSION = 2;

  static final int MAX_VERSION = 2;

  private static final Duration REPEAT = Duration.ofMillis(500);

  /**
   * What a guest may still be waiting for when the host before died in the middle of a frame:
   * HTTP/2's largest, and some more. As HTTP/2 it is nonsense that makes the guest give up the old
   * connection at once.
   */
  private static final int FLUSH_LENGTH = 32 * 1024;

  /** Room for the metadata that the transport allows, however it is cut into frames. */
  private static final int HEADER_BLOCK_BYTES = 2 * AgentTransport.MAX_METADATA_BYTES;

  private HostChannel() {}

  /** Whether the guest may be in the middle of a sentence. */
  public enum Guest {
    /** It boots, or was saved when nobody spoke to it: it will answer when its agent is there. */
    FRESH,
    /** A host has spoken to it before, and may have stopped in the middle of a sentence. */
    KNOWN
  }

  /**
   * Connects to the Unix socket of the port and blocks until the agent has answered.
   *
   * @return a connected socket for {@link AgentTransport#client}; closing it closes the connection
   * @throws HandshakeException if the agent does not answer in time or speaks no common version
   * @throws IOException if there is no such socket, or QEMU went away
   */
  public static Socket open(Path socket, Guest guest, Duration deadline)
      throws IOException, HandshakeException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
      shakeHands(channel, guest, deadline);
      return new StreamSocket(
          new HeaderBlockLimit(Channels.newInputStream(channel), HEADER_BLOCK_BYTES),
          Channels.newOutputStream(channel),
          channel::close);
    } catch (IOException | HandshakeException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void shakeHands(SocketChannel channel, Guest guest, Duration deadline)
      throws IOException, HandshakeException {
    UUID nonce = UUID.randomUUID();
    channel.configureBlocking(false);
    try (TimedLine line = new TimedLine(channel, deadline)) {
      Optional<HandshakeFrame> welcome = Optional.empty();
      while (welcome.isEmpty()) {
        line.send(hello(guest, nonce));
        welcome = line.await(HandshakeFrame.Kind.WELCOME, nonce, REPEAT);
      }
      checkVersion(welcome.get());
      line.send(ByteBuffer.wrap(new HandshakeFrame(HandshakeFrame.Kind.GO, 0, 0, nonce).encode()));
      while (line.await(HandshakeFrame.Kind.STARTED, nonce, REPEAT).isEmpty()) {
        // A guest that has welcomed has only to read on; the line's own deadline ends this.
      }
    }
    channel.configureBlocking(true);
  }

  private static void checkVersion(HandshakeFrame welcome) throws HandshakeException {
    boolean agreed = welcome.minVersion() == welcome.maxVersion();
    if (!agreed || welcome.maxVersion() < MIN_VERSION || welcome.maxVersion() > MAX_VERSION) {
      throw new HandshakeException(
          HandshakeException.Reason.VERSION,
          "the agent speaks versions %d to %d of the guest protocol and this daemon %d to %d; start the machine anew, from the guest image of this release"
              .formatted(welcome.minVersion(), welcome.maxVersion(), MIN_VERSION, MAX_VERSION));
    }
  }

  private static ByteBuffer hello(Guest guest, UUID nonce) {
    byte[] frame =
        new HandshakeFrame(HandshakeFrame.Kind.HELLO, MIN_VERSION, MAX_VERSION, nonce).encode();
    return switch (guest) {
      case FRESH -> ByteBuffer.wrap(frame);
      case KNOWN -> ByteBuffer.allocate(FLUSH_LENGTH + frame.length).put(FLUSH_LENGTH, frame);
    };
  }
}
