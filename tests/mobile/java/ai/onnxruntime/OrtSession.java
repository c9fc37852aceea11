package ai.onnxruntime;

import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Stand-in: scores[i] = 2 * features[i][0] - features[i][1], in float. */
public class OrtSession implements AutoCloseable {
    public static class SessionOptions implements AutoCloseable {
        final StringBuilder told = new StringBuilder();
        private boolean closed = false;

        public void setIntraOpNumThreads(int threads) throws OrtException {
            told.append("intra ").append(threads).append("; ");
        }

        public void setInterOpNumThreads(int threads) throws OrtException {
            told.append("inter ").append(threads).append("; ");
        }

        public void setCPUArenaAllocator(boolean use) throws OrtException {
            told.append("arena ").append(use).append("; ");
        }

        public void setSessionLogLevel(OrtLoggingLevel level) throws OrtException {
            told.append(level.name());
        }

        @Override
        public void close() {
            if (closed) {
                throw new IllegalStateException("closed twice");
            }
            closed = true;
        }
    }

    public static class RunOptions implements AutoCloseable {
        volatile boolean stopped = false;
        private boolean closed = false;

        public RunOptions() throws OrtException {}

        public void setTerminate(boolean terminate) throws OrtException {
            if (closed) {
                throw new IllegalStateException("closed");
            }
            stopped = terminate;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    public static class Result implements AutoCloseable {
        private final OnnxValue value;

        Result(OnnxValue value) {
            this.value = value;
        }

        public OnnxValue get(int index) {
            return value;
        }

        public Optional<OnnxValue> get(String name) {
            return Optional.of(value);
        }

        @Override
        public void close() {
            value.close();
        }
    }

    private final SessionOptions options;
    private final byte[] model;

    OrtSession(byte[] model, SessionOptions options) {
        this.model = model;
        this.options = options;
    }

    /** What it was made with. */
    public String told() {
        return options.told.toString();
    }

    public Result run(Map<String, ? extends OnnxTensor> inputs, RunOptions options)
            throws OrtException {
        if (model[0] == 'S') { // a slow one: runs until it is told to stop
            while (!options.stopped) {
                Thread.onSpinWait();
            }
            throw new OrtException("Exiting due to terminate flag being set to true.");
        }
        OnnxTensor features = inputs.get("features");
        if (features == null || features.shape.length != 2) {
            throw new OrtException("no features");
        }
        int width = (int) features.shape[1];
        int rows = (int) features.shape[0];
        FloatBuffer scores = FloatBuffer.allocate(rows);
        for (int i = 0; i < rows; i++) {
            scores.put(i, 2 * features.data.get(i * width) - features.data.get(i * width + 1));
        }
        return new Result(new OnnxTensor(scores, new long[] {rows, 1}));
    }

    public Result run(Map<String, ? extends OnnxTensor> inputs) throws OrtException {
        throw new OrtException("the wrong overload: Map");
    }

    public Result run(Map<String, ? extends OnnxTensor> inputs, Set<String> outputs)
            throws OrtException {
        throw new OrtException("the wrong overload: Map, Set");
    }

    public Result run(
            Map<String, ? extends OnnxTensor> inputs, Map<String, ? extends OnnxValue> outputs)
            throws OrtException {
        throw new OrtException("the wrong overload: Map, Map");
    }

    public Map<String, Object> getInputInfo() {
        return new LinkedHashMap<>();
    }

    @Override
    public void close() throws OrtException {}
}
