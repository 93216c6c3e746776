{{- define "hilum.labels" -}}
app.kubernetes.io/name: hilum
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* What the pods of api and worker share. Call with a dict: root, role, resources. */}}
{{- define "hilum.container" -}}
name: {{ .role }}
image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}"
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
args: [{{ .role }}]
env:
  - name: DATA_DIR
    value: /data
  - name: AUTH_TOKEN_FILE
    value: /etc/hilum/token
  {{- range $name := list "DATABASE_URL" "REDIS_URL" "PACS_STOW_URL" }}
  - name: {{ $name }}
    valueFrom: { secretKeyRef: { name: {{ $.root.Values.existingSecret }}, key: {{ $name }}, optional: {{ eq $name "PACS_STOW_URL" }} } }
  {{- end }}
envFrom:
  - configMapRef: { name: {{ .root.Release.Name }}-hilum }
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
volumeMounts:
  - { name: archive, mountPath: /data }
  - { name: tmp, mountPath: /tmp }
  - { name: token, mountPath: /etc/hilum, readOnly: true }
resources:
  {{- toYaml .resources | nindent 2 }}
{{- end -}}

{{- define "hilum.pod" -}}
securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: RuntimeDefault } }
automountServiceAccountToken: false
volumes:
  - name: archive
    persistentVolumeClaim:
      claimName: {{ .Values.archive.existingClaim | default (printf "%s-hilum" .Release.Name) }}
  - name: tmp
    emptyDir: {}
  - name: token
    secret: { secretName: {{ .Values.existingSecret }}, items: [{ key: token, path: token }] }
{{- end -}}
