package dev.hull.images.registry;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.content.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A blob as one stream, whatever happens to the connections that it comes over: when one breaks,
 * the next goes on from where it stopped. Gives at most the descriptor's size.
 */
final class BlobStream extends InputStream {
  /** Against a server that gives a few bytes and breaks off, again and again. */
  private static final int MOST_RESUMES = 50;

  /** What came of it makes a connection worth having been made. */
  private static final long PROGRESS_BYTES = 256 * 1024;

  private final Http http;
  private final Descriptor descriptor;
  private final LongFunction<Answer> open;
  private @Nullable Answer answer;
  private long offset;
  private int failures;
  private int resumes;
  private long resumedAt;

  BlobStream(Http http, Descriptor descriptor, LongFunction<Answer> open) {
    this.http = http;
    this.descriptor = descriptor;
    this.open = open;
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int start, int length) {
    if (length == 0) {
      return 0;
    }
    while (offset < descriptor.size()) {
      @Nullable IOException broken = null;
      try {
        int wanted = (int) Math.min(length, descriptor.size() - offset);
        int count = connected().body().read(bytes, start, wanted);
        if (count > 0) {
          offset += count;
          failures = 0;
          return count;
        }
      } catch (IOException e) {
        broken = e;
      }
      close();
      if (Thread.currentThread().isInterrupted()) {
        throw Http.interrupted();
      }
      failures++;
      resumes = offset - resumedAt >= PROGRESS_BYTES ? 1 : resumes + 1;
      resumedAt = offset;
      if (failures >= http.attempts() || resumes > MOST_RESUMES) {
        throw ended(broken);
      }
      http.pauseAfter(failures);
    }
    return -1;
  }

  private ImageException ended(@Nullable IOException broken) {
    String where = offset + " of " + descriptor.size() + " bytes";
    if (broken == null) {
      return new ImageException(
          Kind.CORRUPT,
          descriptor.digest()
              + " ends after "
              + where
              + "; the registry has a broken copy: push the image again");
    }
    return new ImageException(
        Kind.UNAVAILABLE,
        "the transfer of "
            + descriptor.digest()
            + " breaks off after "
            + where
            + ", again and again ("
            + Http.describe(broken)
            + "); check the network and try again: whole layers are kept",
        broken);
  }

  private Answer connected() throws IOException {
    Answer current = answer;
    if (current != null) {
      return current;
    }
    Answer fresh = open.apply(offset);
    answer = fresh;
    if (fresh.status() == 200 && offset > 0) {
      // A server without ranges begins at the beginning.
      fresh.body().skipNBytes(offset);
    } else if (fresh.status() == 206 && !begins(fresh)) {
      throw new IOException("another part than the one asked for");
    }
    return fresh;
  }

  private boolean begins(Answer fresh) {
    return fresh
        .headers()
        .firstValue("Content-Range")
        .orElse("")
        .startsWith("bytes " + offset + "-");
  }

  @Override
  public void close() {
    Answer current = answer;
    if (current != null) {
      current.close();
      answer = null;
    }
  }
}
