package dev.hull.vm.journal;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.MachineId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * The journal of one machine, in its folder. One thread at a time; {@link #append} may be called
 * while another reads {@link #history} only under the machine's lock.
 */
public final class MachineJournal implements AutoCloseable {
  static final String FILE = "journal";

  private static final int COMPACT_ABOVE = 512;

  private final Path folder;
  private final MachineId id;
  private final JournalListener listener;
  private final History history;
  private RecordFile file;
  private int records;

  private MachineJournal(
      Path folder, JournalListener listener, History history, RecordFile file, int records) {
    this.folder = folder;
    this.id = history.spec().id();
    this.listener = listener;
    this.history = history;
    this.file = file;
    this.records = records;
  }

  /** The folder exists and is empty. */
  static MachineJournal begin(Path folder, JournalRecord.Begun begun, JournalListener listener)
      throws IOException {
    RecordFile file = RecordFile.open(folder, FILE);
    try {
      file.append(Entries.encode(begun));
    } catch (IOException e) {
      file.close();
      throw e;
    }
    MachineJournal journal = new MachineJournal(folder, listener, new History(begun), file, 1);
    listener.written(begun.spec().id(), begun);
    return journal;
  }

  /**
   * Reads what a process before has left.
   *
   * @throws IOException if it cannot be read, or does not begin as a journal does
   */
  static MachineJournal open(Path folder, JournalListener listener) throws IOException {
    RecordFile file = RecordFile.open(folder, FILE);
    try {
      List<byte[]> found = file.found();
      if (found.isEmpty()
          || !(Entries.decode(found.getFirst()) instanceof JournalRecord.Begun begun)) {
        throw new IOException(folder + " has a journal without a beginning");
      }
      History history = new History(begun);
      for (byte[] bytes : found.subList(1, found.size())) {
        history.apply(Entries.decode(bytes));
      }
      return new MachineJournal(folder, listener, history, file, found.size());
    } catch (IOException | IllegalArgumentException e) {
      file.close();
      throw new IOException("cannot read the journal in " + folder + ": " + e.getMessage(), e);
    }
  }

  public Path folder() {
    return folder;
  }

  public History history() {
    return history;
  }

  /** Returns when the record is durable. EXHAUSTED if the disk is full; then it was not written. */
  public void append(JournalRecord record) {
    try {
      if (records >= COMPACT_ABOVE) {
        compact();
      }
      file.append(Entries.encode(record));
    } catch (IOException e) {
      throw failure("write the journal of machine " + id.shortForm(), folder, e);
    }
    records++;
    history.apply(record);
    listener.written(id, record);
  }

  /** Writes the fewest records to a new file and puts it in the old one's place. */
  private void compact() throws IOException {
    Path fresh = folder.resolve(FILE + ".new");
    Files.deleteIfExists(fresh);
    List<JournalRecord> fewest = history.records();
    RecordFile next = RecordFile.open(folder, FILE + ".new");
    try {
      for (JournalRecord record : fewest) {
        next.append(Entries.encode(record));
      }
      Files.move(
          fresh,
          folder.resolve(FILE),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      RecordFile.forceFolder(folder);
    } catch (IOException e) {
      next.close();
      Files.deleteIfExists(fresh);
      throw e;
    }
    file.close();
    file = next;
    records = fewest.size();
  }

  static MachineException failure(String what, Path folder, IOException e) {
    String reason = String.valueOf(e.getMessage());
    boolean full = reason.contains("No space left") || reason.contains("quota");
    if (!full) {
      return new MachineException(Kind.INTERNAL, "cannot " + what + ": " + reason, e);
    }
    String numbers = "";
    try {
      numbers = " (%d bytes are free)".formatted(Files.getFileStore(folder).getUsableSpace());
    } catch (IOException unknown) {
      e.addSuppressed(unknown);
    }
    return new MachineException(
        Kind.EXHAUSTED,
        "cannot %s: the disk of %s is full%s; free some space and try again"
            .formatted(what, folder, numbers),
        e);
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot close the journal of machine " + id.shortForm(), e);
    }
  }
}
