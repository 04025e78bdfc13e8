package dev.hull.vm.journal;

import com.google.protobuf.ByteString;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSpec;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journals of all machines of one folder, which belongs to one process at a time: each machine
 * has a folder by its short id (paths of Unix sockets must be short), and in it a file of checked
 * records that is only appended to.
 */
public final class Journal implements AutoCloseable {
  private static final Pattern MACHINE = Pattern.compile("[0-9a-f]{12}");

  private final Logger log = LoggerFactory.getLogger(Journal.class);
  private final Path folder;
  private final JournalListener listener;
  private final FileChannel lockFile;

  /** UNAVAILABLE if another process has the folder. */
  public Journal(Path folder, JournalListener listener) {
    this.folder = folder;
    this.listener = listener;
    try {
      Files.createDirectories(folder);
      lockFile =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw MachineJournal.failure("open the machines' folder " + folder, folder, e);
    }
    if (lock(lockFile) == null) {
      close();
      throw new MachineException(
          Kind.UNAVAILABLE,
          "the machines in %s belong to another hull process; stop it, or choose another root"
              .formatted(folder));
    }
  }

  private static @Nullable FileLock lock(FileChannel file) {
    try {
      return file.tryLock();
    } catch (IOException | OverlappingFileLockException e) {
      return null;
    }
  }

  /** ALREADY_EXISTS if the machine has a folder. */
  public MachineJournal begin(MachineSpec spec, byte[] note) {
    Path own = folder(spec.id());
    try {
      Files.createDirectory(own);
    } catch (FileAlreadyExistsException e) {
      throw new MachineException(
          Kind.ALREADY_EXISTS, "there is a machine " + spec.id().shortForm(), e);
    } catch (IOException e) {
      throw MachineJournal.failure("make the folder of machine " + spec.id(), folder, e);
    }
    try {
      RecordFile.forceFolder(folder);
      return MachineJournal.begin(
          own, new JournalRecord.Begun(spec, ByteString.copyFrom(note)), listener);
    } catch (IOException e) {
      MachineException failure =
          MachineJournal.failure("begin the journal of machine " + spec.id(), folder, e);
      try {
        Files.deleteIfExists(own.resolve(MachineJournal.FILE));
        Files.deleteIfExists(own);
      } catch (IOException left) {
        failure.addSuppressed(left);
      }
      throw failure;
    }
  }

  /** Where a machine's journal and all its other files are. */
  public Path folder(MachineId id) {
    return folder.resolve(id.shortForm());
  }

  /**
   * The journals that were left, in the order of their ids. A folder whose journal never began is
   * deleted: nothing had been acquired. One whose journal cannot be read is left alone, and said so
   * loudly.
   */
  public List<MachineJournal> open() {
    List<Path> folders;
    try (Stream<Path> all = Files.list(folder)) {
      folders =
          all.filter(path -> MACHINE.matcher(path.getFileName().toString()).matches())
              .sorted()
              .toList();
    } catch (IOException e) {
      throw MachineJournal.failure("read the machines' folder " + folder, folder, e);
    }
    List<MachineJournal> journals = new ArrayList<>();
    for (Path own : folders) {
      try {
        if (neverBegan(own)) {
          Files.deleteIfExists(own.resolve(MachineJournal.FILE));
          Files.delete(own);
        } else {
          journals.add(MachineJournal.open(own, listener));
        }
      } catch (IOException e) {
        log.error(
            "a machine can be neither adopted nor released; look at its folder and delete it folder={}",
            own,
            e);
      }
    }
    return journals;
  }

  /** Only its own files are in it, and no whole record. */
  private static boolean neverBegan(Path own) throws IOException {
    Path file = own.resolve(MachineJournal.FILE);
    try (Stream<Path> files = Files.list(own)) {
      if (!files.allMatch(file::equals)) {
        return false;
      }
    }
    if (!Files.exists(file)) {
      return true;
    }
    try (RecordFile records = RecordFile.open(own, MachineJournal.FILE)) {
      return records.found().isEmpty();
    }
  }

  @Override
  public final void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      throw new MachineException(Kind.INTERNAL, "cannot close the lock of " + folder, e);
    }
  }
}
