package ai.onnxruntime;

public enum OnnxJavaType { FLOAT, DOUBLE }
