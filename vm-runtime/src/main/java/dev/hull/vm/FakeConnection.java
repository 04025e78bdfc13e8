package dev.hull.vm;

import dev.hull.vm.MachineException.Kind;
import org.jspecify.annotations.Nullable;

/** A connection to a {@link FakeServer}. */
final class FakeConnection implements PodConnection {
  private final FakePipe toServer = new FakePipe();
  private final FakePipe fromServer = new FakePipe();
  private final FakeLeaks.Token token;
  private final Thread server;

  FakeConnection(FakeServer server, FakeLeaks.Token token) {
    this.token = token;
    this.server = Thread.ofVirtual().name("fake-server").start(() -> serve(server));
  }

  private void serve(FakeServer program) {
    try {
      program.serve(
          new FakeServer.Io() {
            @Override
            public byte @Nullable [] read() throws InterruptedException {
              return toServer.read();
            }

            @Override
            public void write(byte[] data) throws InterruptedException {
              boolean taken = fromServer.write(data);
              if (!taken) {
                throw new InterruptedException("the client has closed the connection");
              }
            }
          });
    } catch (InterruptedException closed) {
      fromServer.breakOff();
    } finally {
      fromServer.end();
    }
  }

  @Override
  public byte @Nullable [] read() {
    try {
      byte[] data = fromServer.read();
      if (data == null && fromServer.broken()) {
        throw broken();
      }
      return data;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void write(byte[] data) {
    try {
      boolean taken = toServer.write(data);
      if (!taken) {
        throw broken();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static MachineException broken() {
    return new MachineException(Kind.UNAVAILABLE, "the connection was broken off");
  }

  private static MachineException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new MachineException(Kind.UNAVAILABLE, "interrupted on a connection", e);
  }

  @Override
  public void closeOutput() {
    toServer.end();
  }

  /** As when the machine ends. */
  void breakOff() {
    toServer.breakOff();
    fromServer.breakOff();
    server.interrupt();
  }

  @Override
  public void close() {
    breakOff();
    token.close();
  }
}
