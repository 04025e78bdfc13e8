package dev.hull.cri.bridge.store;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hull.cri.bridge.log.LogPath;
import dev.hull.cri.bridge.store.notes.ContainerNote;
import dev.hull.cri.bridge.store.notes.SandboxNote;
import dev.hull.cri.v1.ContainerConfig;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.images.Digest;
import dev.hull.vm.GuestContainer;
import dev.hull.vm.Machine;
import java.io.IOException;

/** CRI's facts as the bytes that the machines' journal keeps for us. */
public final class Notes {
  private static final int VERSION = 1;

  private Notes() {}

  public static byte[] sandbox(
      PodSandboxConfig config, String runtimeHandler, long createdAtNanos) {
    return SandboxNote.newBuilder()
        .setVersion(VERSION)
        .setConfig(config.toByteString())
        .setRuntimeHandler(runtimeHandler)
        .setCreatedAtNanos(createdAtNanos)
        .build()
        .toByteArray();
  }

  static Sandbox sandbox(Machine machine) throws IOException {
    SandboxNote note = SandboxNote.parseFrom(machine.note());
    checkVersion(note.getVersion());
    return new Sandbox(
        PodSandboxConfig.parseFrom(note.getConfig()),
        note.getRuntimeHandler(),
        note.getCreatedAtNanos(),
        machine);
  }

  public static byte[] container(ContainerFacts facts) {
    return ContainerNote.newBuilder()
        .setVersion(VERSION)
        .setConfig(facts.config().toByteString())
        .setImageId(facts.imageId().value())
        .setImageRef(facts.imageRef())
        .setLogDirectory(facts.log().map(log -> log.directory().toString()).orElse(""))
        .setLogPath(facts.log().map(log -> log.relative().toString()).orElse(""))
        .setStopSignal(facts.stopSignal())
        .setCreatedAtNanos(facts.createdAtNanos())
        .build()
        .toByteArray();
  }

  static ContainerFacts container(GuestContainer guest) throws IOException {
    ContainerNote note = ContainerNote.parseFrom(guest.note());
    checkVersion(note.getVersion());
    return new ContainerFacts(
        ContainerConfig.parseFrom(note.getConfig()),
        new Digest(note.getImageId()),
        note.getImageRef(),
        LogPath.of(note.getLogDirectory(), note.getLogPath()),
        note.getStopSignal(),
        note.getCreatedAtNanos());
  }

  private static void checkVersion(int version) throws InvalidProtocolBufferException {
    if (version < 1 || version > VERSION) {
      throw new InvalidProtocolBufferException(
          "the note is of version " + version + ", this daemon knows 1 to " + VERSION);
    }
  }
}
