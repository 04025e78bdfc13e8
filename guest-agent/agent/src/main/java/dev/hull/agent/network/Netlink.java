package dev.hull.agent.network;

import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.Errno;
import dev.hull.agent.linux.LinuxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A conversation with the kernel's routing sockets; each request is acknowledged before the next.
 */
final class Netlink implements AutoCloseable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW = 3;
  private static final int NETLINK_ROUTE = 0;
  private static final int HEADER = 16;
  private static final short ERROR = 2;
  private static final int ANSWER_MILLIS = 5000;

  private final Descriptors descriptors;
  private final int socket;
  private int sequence;

  Netlink(Descriptors descriptors) {
    this.descriptors = descriptors;
    this.socket = descriptors.socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  }

  NetlinkMessage message(short type, int flags) {
    sequence++;
    return new NetlinkMessage(type, flags, sequence);
  }

  /**
   * Sends the last {@link #message} and waits for its acknowledgement.
   *
   * @param call what it does, for the error
   * @throws LinuxException if the kernel refuses
   */
  void send(NetlinkMessage message, String call, String subject) {
    byte[] request = message.encode();
    descriptors.write(socket, request, 0, request.length);
    byte[] answer = new byte[8192];
    while (true) {
      short ready =
          descriptors.poll(new int[] {socket}, new short[] {Descriptors.POLL_IN}, ANSWER_MILLIS)[0];
      if (ready == 0) {
        throw new IllegalStateException(
            "%s %s: the kernel did not answer within %d ms"
                .formatted(call, subject, ANSWER_MILLIS));
      }
      int length = descriptors.read(socket, answer, 0, answer.length);
      if (isAcknowledgement(ByteBuffer.wrap(answer, 0, length), call, subject)) {
        return;
      }
    }
  }

  private boolean isAcknowledgement(ByteBuffer answer, String call, String subject) {
    answer.order(ByteOrder.nativeOrder());
    if (answer.limit() < HEADER + 4
        || answer.getShort(4) != ERROR
        || answer.getInt(8) != sequence) {
      return false;
    }
    int error = -answer.getInt(HEADER);
    if (error != 0) {
      throw new LinuxException(new Errno(error), call, subject);
    }
    return true;
  }

  @Override
  public void close() {
    descriptors.close(socket);
  }
}
