package dev.hull.agent.process;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What the launcher shall do, in the form that it reads: the encoder to {@code
 * guest-agent/launcher/spec.h}, which describes each record.
 */
public final class LaunchSpec {
  /** As the launcher's own bound. */
  public static final int MAX_BYTES = 4 << 20;

  public static final int NO_NEW_PRIVILEGES = 1;
  public static final int TERMINAL = 2;
  public static final int PRIVILEGED = 4;
  public static final int READONLY_ROOT = 8;
  public static final int DEVICE_FILTER = 16;

  /** What kind of process it is. */
  public enum Mode {
    /** The first process of a container. */
    CREATE(1),
    /** A further process of a running container. */
    JOIN(2),
    /** PID 1 of the pod's PID namespace. */
    PAUSE(3),
    /** Has a user namespace whose ids are yet to be mapped, and waits. */
    USERS(4);

    private final int code;

    Mode(int code) {
      this.code = code;
    }
  }

  private static final byte[] MAGIC = "HLS1".getBytes(StandardCharsets.US_ASCII);
  private static final int HEAD_BYTES = 8;

  private final ByteArrayOutputStream records = new ByteArrayOutputStream();
  private int flags;

  public LaunchSpec(Mode mode) {
    put(1, new byte[] {(byte) mode.code});
  }

  /** Adds one of the flags above. */
  public LaunchSpec flag(int flag, boolean on) {
    flags |= on ? flag : 0;
    return this;
  }

  public boolean terminal() {
    return (flags & TERMINAL) != 0;
  }

  public LaunchSpec args(List<String> args) {
    args.forEach(arg -> text(3, arg));
    return this;
  }

  public LaunchSpec env(List<String> env) {
    env.forEach(entry -> text(4, entry));
    return this;
  }

  public LaunchSpec workingDir(String path) {
    return text(5, path);
  }

  public LaunchSpec user(int uid, int gid, List<Integer> groups) {
    put(6, number(uid));
    put(7, number(gid));
    groups.forEach(group -> put(8, number(group)));
    return this;
  }

  /** Sets of capabilities, as bits. */
  public LaunchSpec capabilities(
      long bounding, long permitted, long effective, long inheritable, long ambient) {
    return put(
        9,
        buffer(40)
            .putLong(bounding)
            .putLong(permitted)
            .putLong(effective)
            .putLong(inheritable)
            .putLong(ambient)
            .array());
  }

  public LaunchSpec rlimit(int resource, long soft, long hard) {
    return put(10, buffer(20).putInt(resource).putLong(soft).putLong(hard).array());
  }

  public LaunchSpec seccomp(byte[] filter) {
    return put(11, filter);
  }

  public LaunchSpec oomScoreAdj(int score) {
    return put(12, number(score));
  }

  /** A cgroup's folder, as the agent sees it. */
  public LaunchSpec cgroup(String path) {
    return text(13, path);
  }

  /** The root filesystem, mounted by the agent. */
  public LaunchSpec root(String path) {
    return text(14, path);
  }

  public LaunchSpec bind(String source, String destination, boolean readonly, boolean slave) {
    return mount(1, (readonly ? 1 : 0) | (slave ? 2 : 0), 0, source, destination);
  }

  public LaunchSpec tmpfs(long bytes, String destination, boolean readonly) {
    return mount(2, readonly ? 1 : 0, bytes, "", destination);
  }

  public LaunchSpec masked(List<String> paths) {
    paths.forEach(path -> text(16, path));
    return this;
  }

  public LaunchSpec readonly(List<String> paths) {
    paths.forEach(path -> text(17, path));
    return this;
  }

  /** A device of the guest, and where the container has it. */
  public LaunchSpec device(String guestPath, String containerPath, boolean read, boolean write) {
    byte access = (byte) ((read ? 1 : 0) | (write ? 2 : 0));
    return put(18, pair(new byte[] {access}, guestPath, containerPath));
  }

  /**
   * The user namespace that the process is in; its own ids are that namespace's then.
   *
   * @param uid whom its root is outside
   * @param path its file, as the agent sees it
   * @param network the file of a network namespace of those users
   */
  public LaunchSpec users(int uid, int gid, String path, String network) {
    return put(19, pair(buffer(8).putInt(uid).putInt(gid).array(), path, network));
  }

  /** IllegalArgumentException if it is too large. */
  byte[] encode() {
    put(2, number(flags));
    byte[] body = records.toByteArray();
    if (body.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "the process's description has "
              + body.length
              + " bytes, more than "
              + MAX_BYTES
              + ": shorten its arguments, environment or mounts");
    }
    return buffer(HEAD_BYTES + body.length).put(MAGIC).putInt(body.length).put(body).array();
  }

  private LaunchSpec mount(int kind, int bits, long bytes, String source, String destination) {
    return put(
        15,
        pair(
            buffer(10).put((byte) kind).put((byte) bits).putLong(bytes).array(),
            source,
            destination));
  }

  /** A record's head, then two texts with a zero between them. */
  private static byte[] pair(byte[] head, String first, String second) {
    byte[] from = bytes(first);
    byte[] to = bytes(second);
    return buffer(head.length + from.length + 1 + to.length)
        .put(head)
        .put(from)
        .put((byte) 0)
        .put(to)
        .array();
  }

  private LaunchSpec text(int tag, String text) {
    return put(tag, bytes(text));
  }

  private LaunchSpec put(int tag, byte[] payload) {
    records.writeBytes(buffer(6).putShort((short) tag).putInt(payload.length).array());
    records.writeBytes(payload);
    return this;
  }

  private static byte[] bytes(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a NUL is in: " + text.replace("\0", "\\0"));
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] number(int value) {
    return buffer(4).putInt(value).array();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
