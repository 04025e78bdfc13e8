package dev.hull.vm;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What was opened on a fake and not closed, each with the stack that opened it. */
final class FakeLeaks {
  private final Set<Token> open = ConcurrentHashMap.newKeySet();

  Token opened(String what) {
    Token token = new Token(new IllegalStateException(what + " was opened here, and never closed"));
    open.add(token);
    return token;
  }

  void check() {
    for (Token token : open) {
      throw new AssertionError("leaked: " + token.opened.getMessage(), token.opened);
    }
  }

  final class Token {
    private final IllegalStateException opened;

    private Token(IllegalStateException opened) {
      this.opened = opened;
    }

    void close() {
      open.remove(this);
    }
  }
}
