// Receives OTLP over gRPC and over HTTP, decodes it by OpenTelemetry's own protobuf definitions, and prints each request as a line of JSON.
// First line: {"grpc": PORT, "http": PORT}.
import http from 'node:http';
import grpc from '@grpc/grpc-js';
import root from '@opentelemetry/otlp-transformer/build/src/generated/root.js';

const collector = root.opentelemetry.proto.collector;
const signals = {
  metrics: { path: '/v1/metrics', service: 'opentelemetry.proto.collector.metrics.v1.MetricsService', types: collector.metrics.v1, name: 'Metrics' },
  traces: { path: '/v1/traces', service: 'opentelemetry.proto.collector.trace.v1.TraceService', types: collector.trace.v1, name: 'Trace' },
};

const read = (signal, bytes) => signal.types[`Export${signal.name}ServiceRequest`].decode(bytes);
const answer = (signal) => Buffer.from(signal.types[`Export${signal.name}ServiceResponse`].encode({}).finish());

function tell(signal, protocol, request) {
  const body = signal.types[`Export${signal.name}ServiceRequest`].toObject(request, { longs: Number, enums: String, bytes: String });
  console.log(JSON.stringify({ protocol, signal: signal.name, ...body }));
}

const rpc = new grpc.Server();
for (const signal of Object.values(signals)) {
  rpc.addService(
    {
      Export: {
        path: `/${signal.service}/Export`,
        requestStream: false,
        responseStream: false,
        requestSerialize: () => Buffer.alloc(0),
        requestDeserialize: (bytes) => read(signal, bytes),
        responseSerialize: () => answer(signal),
        responseDeserialize: () => ({}),
      },
    },
    {
      Export(call, done) {
        tell(signal, 'grpc', call.request);
        done(null, {});
      },
    });
}

const web = http.createServer((request, response) => {
  const signal = Object.values(signals).find((one) => one.path === request.url);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (!signal || request.method !== 'POST' || request.headers['content-type'] !== 'application/x-protobuf') {
      response.writeHead(404).end();
      return;
    }

    tell(signal, 'http', read(signal, Buffer.concat(chunks)));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(answer(signal));
  });
});

rpc.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (fault, port) => {
  if (fault) {
    throw fault;
  }

  web.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ grpc: port, http: web.address().port })));
});
