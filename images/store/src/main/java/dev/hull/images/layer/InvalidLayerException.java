package dev.hull.images.layer;

/**
 * A layer's tar breaks a rule, or a limit. The message is a sentence with the entry's name and the
 * reason; it is fit to be shown, although the layer may be hostile: names in it are shortened and
 * free of control characters.
 */
public final class InvalidLayerException extends Exception {
  private static final long serialVersionUID = 1L;

  public InvalidLayerException(String message) {
    super(message);
  }
}
