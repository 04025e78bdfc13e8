package dev.hull.images.fake;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate that signs itself, and its key, made by the JDK's keytool. */
public final class TestCertificate {
  private static final String PASSWORD = "changeit";

  private final Path pem;
  private final SSLContext server;

  /**
   * @param names as keytool has them: {@code ip:127.0.0.1}, {@code dns:registry.local}
   */
  public TestCertificate(Path folder, String name, String names) {
    Path store = folder.resolve(name + ".p12");
    this.pem = folder.resolve(name + ".pem");
    try {
      keytool(
          store,
          "-genkeypair",
          "-keyalg",
          "EC",
          "-dname",
          "CN=" + name,
          "-ext",
          "san=" + names,
          "-ext",
          "bc:c=ca:true");
      keytool(store, "-exportcert", "-rfc", "-file", pem.toString());
      KeyStore keys = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(store)) {
        keys.load(in, PASSWORD.toCharArray());
      }
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(keys, PASSWORD.toCharArray());
      server = SSLContext.getInstance("TLS");
      server.init(factory.getKeyManagers(), null, null);
    } catch (IOException | InterruptedException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot make a certificate", e);
    }
  }

  private static void keytool(Path store, String... words)
      throws IOException, InterruptedException {
    Path program = Path.of(System.getProperty("java.home"), "bin", "keytool");
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(words));
    command.addAll(
        List.of("-keystore", store.toString(), "-storepass", PASSWORD, "-alias", "registry"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
  }

  /** The file with the certificate. */
  public Path pem() {
    return pem;
  }

  /** For a server that has it. */
  public SSLContext server() {
    return server;
  }
}
