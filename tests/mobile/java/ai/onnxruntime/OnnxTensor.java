package ai.onnxruntime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;

/** Stand-in: takes what the real one takes, and insists on what our caller means to give. */
public class OnnxTensor implements OnnxValue {
    /** How many there are that nobody closed. */
    public static int open = 0;

    final FloatBuffer data;
    final long[] shape;
    private boolean closed = false;

    OnnxTensor(FloatBuffer data, long[] shape) {
        this.data = data;
        this.shape = shape;
        open++;
    }

    public static OnnxTensor createTensor(OrtEnvironment env, FloatBuffer data, long[] shape)
            throws OrtException {
        long wanted = 1;
        for (long side : shape) {
            wanted *= side;
        }
        if (!data.isDirect() || data.order() != ByteOrder.nativeOrder()) {
            throw new OrtException("not a direct buffer of the machine's own byte order");
        }
        if (wanted != data.remaining()) {
            throw new OrtException("shape of " + wanted + ", data of " + data.remaining());
        }
        return new OnnxTensor(data, shape);
    }

    public static OnnxTensor createTensor(OrtEnvironment env, Object data) throws OrtException {
        throw new OrtException("the wrong overload: Object");
    }

    public static OnnxTensor createTensor(OrtEnvironment env, String[] data, long[] shape)
            throws OrtException {
        throw new OrtException("the wrong overload: String[]");
    }

    public static OnnxTensor createTensor(OrtEnvironment env, DoubleBuffer data, long[] shape)
            throws OrtException {
        throw new OrtException("the wrong overload: DoubleBuffer");
    }

    public static OnnxTensor createTensor(OrtEnvironment env, ShortBuffer data, long[] shape)
            throws OrtException {
        throw new OrtException("the wrong overload: ShortBuffer");
    }

    public static OnnxTensor createTensor(OrtEnvironment env, IntBuffer data, long[] shape)
            throws OrtException {
        throw new OrtException("the wrong overload: IntBuffer");
    }

    public static OnnxTensor createTensor(OrtEnvironment env, LongBuffer data, long[] shape)
            throws OrtException {
        throw new OrtException("the wrong overload: LongBuffer");
    }

    public static OnnxTensor createTensor(
            OrtEnvironment env, ByteBuffer data, long[] shape, OnnxJavaType type)
            throws OrtException {
        throw new OrtException("the wrong overload: ByteBuffer");
    }

    public FloatBuffer getFloatBuffer() {
        FloatBuffer found = FloatBuffer.allocate(data.remaining());
        found.put(data.duplicate());
        found.rewind();
        return found;
    }

    public ByteBuffer getByteBuffer() {
        throw new IllegalStateException("not asked for");
    }

    @Override
    public Object getValue() {
        throw new IllegalStateException("not asked for");
    }

    @Override
    public void close() {
        if (!closed) {
            open--;
        }
        closed = true;
    }
}
