package ai.onnxruntime;

import java.nio.ByteBuffer;

/** Stand-in: its version is the property web3rec.test.version, and a model begins with an S or M. */
public final class OrtEnvironment implements AutoCloseable {
    private static OrtEnvironment instance;

    public final String name;
    public boolean telemetry = true;

    private OrtEnvironment(String name) {
        this.name = name;
    }

    public static OrtEnvironment getEnvironment() {
        throw new IllegalStateException("the wrong overload: none");
    }

    public static OrtEnvironment getEnvironment(String name) {
        throw new IllegalStateException("the wrong overload: String");
    }

    public static OrtEnvironment getEnvironment(OrtLoggingLevel level) {
        throw new IllegalStateException("the wrong overload: level");
    }

    public static synchronized OrtEnvironment getEnvironment(OrtLoggingLevel level, String name) {
        if (level != OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL) {
            throw new IllegalStateException("another level");
        }
        if (instance == null) {
            instance = new OrtEnvironment(name);
        }
        return instance;
    }

    public String getVersion() {
        return System.getProperty("web3rec.test.version", "1.28.0");
    }

    public void setTelemetry(boolean send) throws OrtException {
        telemetry = send;
    }

    public OrtSession createSession(byte[] model, OrtSession.SessionOptions options)
            throws OrtException {
        if (model.length == 0 || (model[0] != 'M' && model[0] != 'S')) {
            throw new OrtException("Failed to load model because protobuf parsing failed.");
        }
        return new OrtSession(model, options);
    }

    public OrtSession createSession(byte[] model) throws OrtException {
        throw new OrtException("the wrong overload: byte[]");
    }

    public OrtSession createSession(String path) throws OrtException {
        throw new OrtException("the wrong overload: String");
    }

    public OrtSession createSession(String path, OrtSession.SessionOptions options)
            throws OrtException {
        throw new OrtException("the wrong overload: String, options");
    }

    public OrtSession createSession(ByteBuffer model, OrtSession.SessionOptions options)
            throws OrtException {
        throw new OrtException("the wrong overload: ByteBuffer, options");
    }

    @Override
    public void close() {}
}
