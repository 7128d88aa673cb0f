import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

/** What is in a PKCS#12 store as PEM, which keytool does not give: the store, its password, files for certificate and key. */
public class Pem {
    public static void main(String[] args) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        char[] password = args[1].toCharArray();
        try (FileInputStream in = new FileInputStream(args[0])) {
            store.load(in, password);
        }
        String alias = store.aliases().nextElement();
        write(args[2], "CERTIFICATE", store.getCertificate(alias).getEncoded());
        write(args[3], "PRIVATE KEY", store.getKey(alias, password).getEncoded());
    }

    private static void write(String file, String label, byte[] bytes) throws Exception {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        Files.writeString(Path.of(file), "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, lines, label));
    }
}
