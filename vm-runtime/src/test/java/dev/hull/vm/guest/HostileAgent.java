package dev.hull.vm.guest;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** What a guest can do that has no gRPC at all: bytes on the line, by hand. */
final class HostileAgent implements AutoCloseable {
  static final byte[] SETTINGS = frame(4, 0, 0);
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private static final byte[] MAGIC = "hull-channel".getBytes(StandardCharsets.US_ASCII);
  private static final int FRAME = 32;
  private static final int KIND = MAGIC.length;
  private static final int PREFACE = 24;

  /** What is done on a connection; it stays open until the host closes it. */
  interface Crime {
    void commit(Line line) throws IOException;
  }

  private final ServerSocketChannel server;
  private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong written = new AtomicLong();
  private volatile Crime crime;

  HostileAgent(Path socket, Crime crime) throws IOException {
    this.crime = crime;
    this.server =
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::serve);
  }

  /** What is done on the next connections. */
  void plan(Crime next) {
    crime = next;
  }

  /** How many bytes a host has taken, all connections together. */
  long written() {
    return written.get();
  }

  private void serve() {
    try {
      while (true) {
        SocketChannel accepted = server.accept();
        open.add(accepted);
        Thread.ofVirtual().start(() -> commit(new Line(accepted)));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void commit(Line line) {
    try {
      crime.commit(line);
      line.drain();
    } catch (IOException e) {
      // The host has hung up.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel channel : open) {
      channel.close();
    }
  }

  /** An HTTP/2 frame. */
  static byte[] frame(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put(header(payload.length, type, flags, stream))
        .put(payload)
        .array();
  }

  /** The head of a frame that says it is so long. */
  static byte[] header(int length, int type, int flags, int stream) {
    return ByteBuffer.allocate(9)
        .put((byte) (length >> 16))
        .putShort((short) length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .array();
  }

  /** A message of gRPC, of this length as it says. */
  static byte[] message(boolean compressed, int length, byte[] content) {
    return ByteBuffer.allocate(5 + content.length)
        .put((byte) (compressed ? 1 : 0))
        .putInt(length)
        .put(content)
        .array();
  }

  /** Names and values in HPACK, none of them in a table. */
  static byte[] headers(String... namesAndValues) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      block.write(0);
      for (String text : Arrays.asList(namesAndValues).subList(i, i + 2)) {
        block.write(text.length());
        block.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
      }
    }
    return block.toByteArray();
  }

  /** One connection, from the guest's side. */
  final class Line {
    private final SocketChannel channel;
    private final DataInputStream in;

    private Line(SocketChannel channel) {
      this.channel = channel;
      this.in = new DataInputStream(Channels.newInputStream(channel));
    }

    void write(byte[] bytes) throws IOException {
      ByteBuffer left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        written.addAndGet(channel.write(left));
      }
    }

    /** Reads until the host says HELLO; the frame. */
    byte[] hello() throws IOException {
      byte[] window = new byte[FRAME];
      do {
        System.arraycopy(window, 1, window, 0, FRAME - 1);
        window[FRAME - 1] = in.readByte();
      } while (!Arrays.equals(window, 0, MAGIC.length, MAGIC, 0, MAGIC.length));
      return window;
    }

    void welcome(byte[] hello, int lowest, int highest) throws IOException {
      byte[] welcome = hello.clone();
      welcome[KIND] = 2;
      welcome[KIND + 1] = (byte) lowest;
      welcome[KIND + 2] = (byte) highest;
      write(welcome);
    }

    /** The handshake as it should be, then the beginning of HTTP/2. */
    Line upToHttp2() throws IOException {
      byte[] hello = hello();
      welcome(hello, 2, 2);
      byte[] go = hello();
      while (go[KIND] != 3) {
        go = hello();
      }
      go[KIND] = 4;
      write(go);
      return this;
    }

    /** Answers the host's settings and waits for its first request; the request's stream. */
    int upToRequest() throws IOException {
      upToHttp2();
      write(SETTINGS);
      in.skipNBytes(PREFACE);
      return upTo(HEADERS);
    }

    /** Waits for the body of the host's request; its stream. */
    int upToData() throws IOException {
      return upTo(DATA);
    }

    private int upTo(int wanted) throws IOException {
      while (true) {
        int head = in.readInt();
        int length = head >>> 8;
        int type = head & 0xff;
        in.readByte();
        int stream = in.readInt();
        in.skipNBytes(length);
        if (type == wanted) {
          return stream;
        }
      }
    }

    /** Begins an answer that looks well so far. */
    int upToAnswer(String... more) throws IOException {
      int stream = upToRequest();
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      block.writeBytes(headers(":status", "200", "content-type", "application/grpc"));
      block.writeBytes(headers(more));
      write(frame(HEADERS, END_HEADERS, stream, block.toByteArray()));
      return stream;
    }

    void drain() throws IOException {
      byte[] bin = new byte[8192];
      while (true) {
        if (in.read(bin) < 0) {
          throw new EOFException();
        }
      }
    }
  }
}
