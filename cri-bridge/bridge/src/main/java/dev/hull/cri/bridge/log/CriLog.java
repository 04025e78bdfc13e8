package dev.hull.cri.bridge.log;

import dev.hull.vm.GuestContainer.Output.Chunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A log file in CRI's format, to which each byte of output goes once. Every append is
 *
 * <ol>
 *   <li>said in the {@link WriteAhead write-ahead record}: which file, how long it is, how much
 *       comes, which output that is;
 *   <li>written to the file;
 *   <li>acknowledged to the agent (by the caller), which then drops it.
 * </ol>
 *
 * A process that was killed anywhere between leaves enough for {@link #open} to know what is in the
 * file: whether the file has grown by the whole append, by none, or by a part, which it cuts off.
 */
final class CriLog implements LogSink {
  private static final Logger LOG = LoggerFactory.getLogger(CriLog.class);
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  private final LogPath path;
  private final Clock clock;
  private final WriteAhead record;
  private FileChannel file;
  private long inode;
  private long sequence;
  private long offset;
  private int partial;

  private CriLog(LogPath path, Clock clock, WriteAhead record, FileChannel file)
      throws IOException {
    this.path = path;
    this.clock = clock;
    this.record = record;
    this.file = file;
    this.inode = path.inode();
  }

  /** Opens the log and finds out where an earlier process stopped. */
  static CriLog open(LogPath path, Path recordFile, Clock clock) throws IOException {
    WriteAhead record = new WriteAhead(recordFile);
    try {
      Optional<WriteAhead.Entry> last = record.latest();
      boolean done = last.isPresent() && settle(path, last.get());
      CriLog log = new CriLog(path, clock, record, path.open());
      last.ifPresent(entry -> log.resume(entry, done));
      return log;
    } catch (IOException e) {
      record.close();
      throw e;
    }
  }

  /** True if the append is in its file; a part of it is taken away. */
  private static boolean settle(LogPath path, WriteAhead.Entry entry) throws IOException {
    Optional<Path> found = path.find(entry.inode());
    if (found.isEmpty()) {
      // Removed by somebody, and all that was in it: what came before this append is lost as well.
      return true;
    }
    try (FileChannel written = FileChannel.open(found.get(), StandardOpenOption.WRITE)) {
      long size = written.size();
      if (size >= entry.size() + entry.length()) {
        return true;
      }
      if (size > entry.size()) {
        written.truncate(entry.size());
      }
      return false;
    }
  }

  private void resume(WriteAhead.Entry entry, boolean done) {
    sequence = entry.sequence();
    offset = done ? entry.offsetAfter() : entry.offsetBefore();
    partial = done ? entry.partialAfter() : entry.partialBefore();
  }

  @Override
  public synchronized long offset() {
    return offset;
  }

  @Override
  public synchronized void append(Chunk chunk) throws IOException {
    ByteBuffer data = chunk.data().duplicate();
    long end = chunk.offset() + data.remaining();
    if (end <= offset) {
      return;
    }
    if (chunk.offset() < offset) {
      data.position(data.position() + (int) (offset - chunk.offset()));
    } else if (chunk.offset() > offset) {
      LOG.atWarn()
          .addKeyValue("log", path.file())
          .addKeyValue("bytes", chunk.offset() - offset)
          .log("output is missing: the guest no longer has it");
    }
    CriLines.Text text = CriLines.format(believable(chunk.at()), chunk.stderr(), data);
    int stream = chunk.stderr() ? STDERR : STDOUT;
    write(text.bytes(), end, text.partial() ? partial | stream : partial & ~stream);
  }

  @Override
  public synchronized void skip(Chunk chunk) throws IOException {
    long end = chunk.offset() + chunk.data().remaining();
    if (end > offset) {
      write(ByteBuffer.allocate(0), end, partial);
    }
  }

  @Override
  public synchronized void finish() throws IOException {
    for (int stream : new int[] {STDOUT, STDERR}) {
      if ((partial & stream) != 0) {
        write(CriLines.end(clock.instant(), stream == STDERR), offset, partial & ~stream);
      }
    }
  }

  @Override
  public synchronized void reopen() throws IOException {
    if (!file.isOpen()) {
      throw new IOException("the log " + path.file() + " is complete; nothing more comes");
    }
    FileChannel next = path.open();
    try {
      inode = path.inode();
    } catch (IOException e) {
      next.close();
      throw e;
    }
    FileChannel old = file;
    file = next;
    old.close();
  }

  private void write(ByteBuffer text, long offsetAfter, int partialAfter) throws IOException {
    long size = file.size();
    record.write(
        new WriteAhead.Entry(
            sequence + 1,
            inode,
            size,
            text.remaining(),
            offset,
            offsetAfter,
            partial,
            partialAfter));
    sequence++;
    try {
      while (text.hasRemaining()) {
        file.write(text, size + text.position());
      }
    } catch (IOException e) {
      // A full disk: what fits was written. The whole append is tried again, so none of it stays.
      file.truncate(size);
      throw e;
    }
    offset = offsetAfter;
    partial = partialAfter;
  }

  /**
   * The guest's clock is the guest's word: readers of logs seek by time, so it may not run ahead.
   */
  private Instant believable(Instant at) {
    Instant now = clock.instant();
    return at.isAfter(now) || at.isBefore(Instant.EPOCH) ? now : at;
  }

  @Override
  public synchronized void close() {
    try (record) {
      file.close();
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("log", path.file()).log("cannot close the log: {}", e.getMessage());
    }
  }
}
