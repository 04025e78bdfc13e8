package dev.hull.images.registry;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Whose certificates are believed: the JDK's authorities, and for some hosts others besides. */
public final class Authorities {
  private static final int HTTPS = 443;

  private Authorities() {}

  /**
   * The certificates in a PEM file.
   *
   * @throws ImageException INVALID if the file cannot be read or has none
   */
  public static List<X509Certificate> read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      List<X509Certificate> read =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toList();
      if (!read.isEmpty()) {
        return read;
      }
    } catch (IOException e) {
      throw new ImageException(
          Kind.INVALID, "cannot read the certificates in " + file + ": " + e, e);
    } catch (CertificateException e) {
      throw new ImageException(
          Kind.INVALID,
          "cannot read the certificates in %s: %s; it must be a PEM file of X.509 certificates"
              .formatted(file, Http.describe(e)),
          e);
    }
    throw new ImageException(
        Kind.INVALID,
        "there is no certificate in " + file + "; it must be a PEM file of X.509 certificates");
  }

  /** {@code host} or {@code host:port}, the latter unless it is HTTPS's own. */
  static SSLContext context(Map<String, List<X509Certificate>> more) {
    try {
      X509ExtendedTrustManager known = manager(null);
      Map<String, X509ExtendedTrustManager> byHost = new HashMap<>();
      for (Map.Entry<String, List<X509Certificate>> entry : more.entrySet()) {
        byHost.put(entry.getKey(), manager(both(known, entry.getValue())));
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new ByHost(known, byHost)}, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new ImageException(Kind.INTERNAL, "cannot set TLS up: " + e.getMessage(), e);
    }
  }

  private static KeyStore both(X509ExtendedTrustManager known, List<X509Certificate> more)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int number = 0;
    for (X509Certificate certificate : known.getAcceptedIssuers()) {
      store.setCertificateEntry("known-" + number++, certificate);
    }
    for (X509Certificate certificate : more) {
      store.setCertificateEntry("more-" + number++, certificate);
    }
    return store;
  }

  private static X509ExtendedTrustManager manager(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager extended) {
        return extended;
      }
    }
    throw new GeneralSecurityException("this JDK checks no certificates");
  }

  /** Asks the manager of the host that is spoken to; each checks the host's name as well. */
  private static final class ByHost extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager known;
    private final Map<String, X509ExtendedTrustManager> byHost;

    private ByHost(X509ExtendedTrustManager known, Map<String, X509ExtendedTrustManager> byHost) {
      this.known = known;
      this.byHost = byHost;
    }

    private X509ExtendedTrustManager of(SSLEngine engine) {
      String host = RegistryConfig.host(String.valueOf(engine.getPeerHost()));
      int port = engine.getPeerPort();
      X509ExtendedTrustManager exact = byHost.get(host + ":" + port);
      if (exact != null) {
        return exact;
      }
      return port == HTTPS ? byHost.getOrDefault(host, known) : known;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      of(engine).checkServerTrusted(chain, authType, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      known.checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      known.checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      known.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      known.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      known.checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return known.getAcceptedIssuers();
    }
  }
}
