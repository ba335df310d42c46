#version 460
#extension GL_GOOGLE_include_directive : require
#define EXACT_HALVES 3
#include "matmulMatrices.glsl"
